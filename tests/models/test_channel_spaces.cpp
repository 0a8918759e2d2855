// Are the channels of a network widened as NetAug widens them: block by block, to the same number
// of products and parameters, and never so that the network no longer fits together?
#include "base/random.h"
#include "models/channel_spaces.h"
#include "models/formats/network_json.h"
#include "tests/support/support.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace
{
struct Spaces {
    explicit Spaces(const std::string &path, const mf_network_options *options = nullptr)
        : arena(mf_arena_create())
    {
        EXPECT_OK(mf_network_load(path.c_str(), options, &network, D));
        EXPECT_OK(mf_channel_spaces_of(network, arena, &spaces, D));
    }

    ~Spaces()
    {
        mf_network_destroy(network);
        mf_arena_destroy(arena);
    }

    Spaces(const Spaces &) = delete;
    Spaces &operator=(const Spaces &) = delete;

    // The space of the output of the layer with this id.
    const mf_channel_space &of(const std::string &id) const
    {
        for (size_t i = 0; i < network->n_layers; i++)
            if (id == network->layers[i].id)
                return spaces.all[spaces.of_layer[i]];
        ADD_FAILURE() << "no layer " << id;
        return spaces.all[0];
    }

    std::vector<uint64_t> widened(double width, double expand) const
    {
        std::vector<double> multiple;
        for (size_t i = 0; i < spaces.n; i++)
            multiple.push_back(spaces.all[i].role == MF_SPACE_WIDTH ? width : expand);
        std::vector<uint64_t> channels(spaces.n);
        mf_channels_widened(&spaces, multiple.data(), channels.data());
        return channels;
    }

    mf_arena *arena;
    mf_network *network = nullptr;
    mf_channel_spaces spaces = {};
};

std::string zoo(const std::string &name)
{
    return source_path("models/zoo/" + name + ".json");
}

struct Size {
    double macs = 0, params = 0;
};

Size size_of(const mf_network *network)
{
    Size size;
    for (size_t i = 0; i < network->n_weight_layers; i++) {
        size.macs += static_cast<double>(mf_shape_macs(&network->weight_layers[i]->shape));
        size.params += static_cast<double>(mf_layer_params(network->weight_layers[i]));
    }
    return size;
}
} // namespace

// The published scripts' lists, at 160 px with 100 classes; sums worked out from NetAug's own
// modules (netaug/models/netaug), to the digits that they were written down with.
TEST(ChannelSpaces, LargestNetworksAreAsLargeAsNetAugs)
{
    struct Net {
        const char *name;
        double width, target_macs, target_params, macs, params;
    };
    const Net nets[] = {{"mobilenetv2-w0.35", 2.6, 29.72e6, 0.524e6, 409e6, 5.63e6},
                        {"mobilenetv3-w0.35", 3, 18.34e6, 0.957e6, 357e6, 21.7e6},
                        {"mcunet-in3", 2.2, 65.72e6, 0.593e6, 694e6, 6.95e6},
                        {"proxylessnas-w0.35", 2.6, 34.56e6, 0.628e6, 450e6, 6.73e6},
                        {"mobilenetv2-tiny", 2.6, 27.31e6, 0.346e6, 393e6, 4.78e6}};
    for (const Net &net : nets) {
        SCOPED_TRACE(net.name);
        Spaces s(zoo(net.name));
        Size target = size_of(s.network);
        mf_network *wide;
        ASSERT_OK(mf_network_widened(&s.spaces, s.widened(net.width, 2.8).data(), &wide, D));
        Size size = size_of(wide);
        mf_network_destroy(wide);
        EXPECT_NEAR(target.macs / net.target_macs, 1, 5e-4);
        EXPECT_NEAR(target.params / net.target_params, 1, 1e-3);
        EXPECT_NEAR(size.macs / net.macs, 1, 0.5 / 357) << size.macs;
        EXPECT_NEAR(size.params / net.params, 1, 0.005 / 4.78) << size.params;
    }
}

TEST(ChannelSpaces, OfAnInvertedResidualAreWidthMiddleAndSqueeze)
{
    Spaces s(zoo("mobilenetv3-w0.35"));
    EXPECT_EQ(s.of("stem").role, MF_SPACE_WIDTH);
    EXPECT_EQ(&s.of("stage1.block1.depthwise"), &s.of("stem")) << "nothing expands it";
    EXPECT_EQ(&s.of("stage1.block1.pw_project"), &s.of("stem")) << "tied by the sum";
    EXPECT_EQ(s.of("stage2.block1.pw_expand").role, MF_SPACE_MIDDLE);
    EXPECT_EQ(&s.of("stage2.block1.depthwise"), &s.of("stage2.block1.pw_expand"));
    EXPECT_EQ(&s.of("stage2.block2.pw_project"), &s.of("stage2.block1.pw_project"));
    EXPECT_EQ(&s.of("stage3.block1.se_expand"), &s.of("stage3.block1.pw_expand"));
    EXPECT_EQ(s.of("stage3.block1.se_reduce").role, MF_SPACE_SQUEEZE);
    EXPECT_EQ(s.of("fc").role, MF_SPACE_FIXED);
    const mf_channel_space &squeeze = s.of("stage3.block1.se_reduce");
    EXPECT_EQ(&s.spaces.all[squeeze.beside], &s.of("stage3.block1.pw_expand"));
    const mf_channel_space &middle = s.of("stage3.block1.pw_expand");
    EXPECT_EQ(&s.spaces.all[middle.beside], &s.of("stage2.block2.pw_project"));
    EXPECT_STREQ(middle.place, "stage3.block1");
}

// Sums join the outputs of a residual network's blocks; what is between two convolutions is of one
// block alone.
TEST(ChannelSpaces, OfABasicBlockIsItsMiddle)
{
    Spaces s(zoo("resnet20-cifar"));
    EXPECT_EQ(s.of("stage1.block2.conv").role, MF_SPACE_MIDDLE);
    EXPECT_EQ(&s.of("stage1.block3.conv-2"), &s.of("stem"));
    EXPECT_EQ(&s.of("stage2.block1.shortcut"), &s.of("stage2.block1.conv-2"));
    // Shortcuts without weights leave channels empty, which a wider network could not.
    Spaces padded(zoo("resnet20-cifar-padshortcut"));
    EXPECT_EQ(padded.of("stem").role, MF_SPACE_FIXED);
    EXPECT_EQ(padded.of("stage1.block2.conv").role, MF_SPACE_MIDDLE);
}

// Any multiples: every zoo network fits together, and no space is narrower than it was.
TEST(ChannelSpaces, EveryNetworkCanBeWidened)
{
    const uint64_t seed = 20261129;
    SCOPED_TRACE(seed);
    mf_random random = mf_random_seed(seed);
    for (const auto &file : std::filesystem::directory_iterator(source_path("models/zoo"))) {
        SCOPED_TRACE(file.path());
        Spaces s(file.path());
        for (int round = 0; round < 3; round++) {
            std::vector<double> multiple;
            for (size_t i = 0; i < s.spaces.n; i++)
                multiple.push_back(1 + 2 * mf_random_real(&random));
            std::vector<uint64_t> channels(s.spaces.n);
            mf_channels_widened(&s.spaces, multiple.data(), channels.data());
            mf_network *wide;
            ASSERT_OK(mf_network_widened(&s.spaces, channels.data(), &wide, D));
            ASSERT_EQ(wide->n_layers, s.network->n_layers);
            for (size_t i = 0; i < wide->n_layers; i++) {
                EXPECT_EQ(wide->layers[i].shape.m, channels[s.spaces.of_layer[i]]);
                EXPECT_GE(wide->layers[i].shape.m, s.network->layers[i].shape.m);
                EXPECT_STREQ(wide->layers[i].name, s.network->layers[i].name);
            }
            mf_network_destroy(wide);
        }
    }
}

TEST(ChannelSpaces, NothingChangesAtMultiplesOfOne)
{
    for (const auto &file : std::filesystem::directory_iterator(source_path("models/zoo"))) {
        SCOPED_TRACE(file.path());
        Spaces s(file.path());
        std::vector<uint64_t> channels = s.widened(1, 1);
        for (size_t i = 0; i < s.spaces.n; i++)
            EXPECT_EQ(channels[i], s.spaces.all[i].channels);
    }
}
