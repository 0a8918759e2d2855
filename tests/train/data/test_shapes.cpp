// Is the generated set the same everywhere, balanced, and more than a matter of average colours?
#include "base/hash.h"
#include "tests/train/data/files.h"

namespace
{
uint64_t digest(const mf_pictures *p)
{
    return mf_hash_bytes(MF_HASH_BEGIN, p->pixels, p->n * p->rows * p->columns * p->channels);
}
} // namespace

// Recorded once; the same from gcc and clang at every level of optimisation.
TEST(Shapes, AreTheSameEverywhere)
{
    EXPECT_EQ(digest(load_pictures("shapes", true).get()), 0x8c2f584fad697368u);
    EXPECT_EQ(digest(load_pictures("shapes", false).get()), 0xb9a6fc3ef2bd87fbu);
}

TEST(Shapes, ClassesAreEquallyFrequent)
{
    for (bool training : {true, false}) {
        Pictures p = load_pictures("shapes", training);
        EXPECT_EQ(p->n, training ? 10000u : 2000u);
        std::vector<size_t> n(p->n_classes);
        for (size_t i = 0; i < p->n; i++)
            n[p->labels[i]]++;
        EXPECT_EQ(n, std::vector<size_t>(10, p->n / 10));
        EXPECT_STREQ(p->class_names[9], "checker");
    }
}

TEST(Shapes, CannotBeToldByTheirMeanPicture)
{
    Pictures train = load_pictures("shapes", true), test = load_pictures("shapes", false);
    const size_t n_values = 32 * 32 * 3;
    std::vector<double> means(10 * n_values);
    for (size_t i = 0; i < train->n; i++)
        for (size_t k = 0; k < n_values; k++)
            means[train->labels[i] * n_values + k] += mf_pictures_at(train.get(), i)[k] / 1000.0;
    size_t n_right = 0;
    for (size_t i = 0; i < test->n; i++) {
        size_t best = 0;
        double nearest = 1e300;
        for (size_t c = 0; c < 10; c++) {
            double distance = 0;
            for (size_t k = 0; k < n_values; k++) {
                double d = mf_pictures_at(test.get(), i)[k] - means[c * n_values + k];
                distance += d * d;
            }
            if (distance < nearest) {
                nearest = distance;
                best = c;
            }
        }
        n_right += best == test->labels[i];
    }
    EXPECT_LT(n_right, test->n * 6 / 10);
}
