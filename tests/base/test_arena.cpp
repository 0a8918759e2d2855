// Does the arena hand out zeroed, aligned, separate memory, and refuse what overflows?
#include "base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

TEST(Arena, GivesZeroedAlignedSeparateBlocks)
{
    mf_arena *arena = mf_arena_create();
    unsigned char *previous = nullptr;
    for (size_t n = 1; n < 5000; n += 37) {
        auto *p = static_cast<unsigned char *>(mf_arena_array(arena, n, 1));
        ASSERT_NE(p, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % alignof(max_align_t), 0u);
        for (size_t i = 0; i < n; i++)
            ASSERT_EQ(p[i], 0) << "byte " << i << " of block of " << n;
        memset(p, 0xff, n);
        EXPECT_NE(p, previous);
        previous = p;
    }
    mf_arena_destroy(arena);
}

TEST(Arena, RefusesOverflow)
{
    mf_arena *arena = mf_arena_create();
    EXPECT_EQ(mf_arena_array(arena, SIZE_MAX, 2), nullptr);
    EXPECT_EQ(mf_arena_array(arena, SIZE_MAX / 2, 1), nullptr);
    EXPECT_NE(mf_arena_array(arena, 0, 8), nullptr);
    mf_arena_destroy(arena);
}

TEST(Arena, FormatsAndCopiesStrings)
{
    mf_arena *arena = mf_arena_create();
    EXPECT_STREQ(mf_arena_format(arena, "%d-%s", 7, "x"), "7-x");
    EXPECT_STREQ(mf_arena_string_n(arena, "abcdef", 3), "abc");
    EXPECT_GT(mf_arena_used_bytes(arena), 0u);
    mf_arena_destroy(arena);
}
