// Does a memo give back what was put there, and only that, however many keys there are?
#include "base/memo.h"
#include "tests/support/support.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace
{
struct Memo {
    mf_memo *memo = nullptr;

    Memo(size_t key_bytes, size_t value_bytes)
    {
        EXPECT_OK(mf_memo_create(key_bytes, value_bytes, &memo, D));
    }
    Memo(const Memo &) = delete;
    ~Memo()
    {
        mf_memo_destroy(memo);
    }
};
} // namespace

TEST(Memo, KeepsManyKeysApart)
{
    Memo m(sizeof(uint64_t), sizeof(uint64_t));
    std::map<uint64_t, uint64_t *> places;
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t key = i % 2 ? i : i << 40; // neighbours, and keys that differ high up only
        ASSERT_EQ(mf_memo_find(m.memo, &key), nullptr) << key;
        uint64_t *value = static_cast<uint64_t *>(mf_memo_add(m.memo, &key));
        ASSERT_NE(value, nullptr);
        EXPECT_EQ(*value, 0u);
        *value = i;
        places[key] = value;
    }
    EXPECT_EQ(mf_memo_count(m.memo), places.size());
    for (const auto &[key, place] : places)
        EXPECT_EQ(mf_memo_find(m.memo, &key), place) << "it stays where it was put";
    for (const auto &[key, place] : places)
        EXPECT_EQ(*place, key % 2 ? key : key >> 40);
}

// Every byte of a key counts, those behind the last multiple of eight too.
TEST(Memo, LooksAtEveryByte)
{
    for (size_t n : {1, 7, 8, 13, 24}) {
        Memo m(n, 1);
        std::vector<std::string> keys;
        for (size_t i = 0; i < n; i++)
            for (int bit = 0; bit < 8; bit++) {
                std::string key(n, 'k');
                key[i] = static_cast<char>(key[i] ^ (1 << bit));
                keys.push_back(key);
            }
        for (const std::string &key : keys) {
            EXPECT_EQ(mf_memo_find(m.memo, key.data()), nullptr);
            ASSERT_NE(mf_memo_add(m.memo, key.data()), nullptr);
        }
        for (const std::string &key : keys)
            EXPECT_NE(mf_memo_find(m.memo, key.data()), nullptr);
        EXPECT_EQ(mf_memo_count(m.memo), keys.size());
    }
}
