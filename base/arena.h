/* Who owns the memory of a loaded thing? One arena per role: everything that belongs to one
 * network, one table or one command lives in its arena and goes with it; nothing is freed by
 * itself.
 *
 *   chunk  [ used ............ | free .... ]  <- allocations are cut from the newest chunk
 *   chunk  [ used .......................  ]
 *
 * Memory is zeroed and aligned for every basic type. Not thread-safe: one arena per thread. */
#ifndef MF_BASE_ARENA_H
#define MF_BASE_ARENA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mf_arena mf_arena;

/* A new empty arena, owned by the caller; NULL when memory is out. */
mf_arena *mf_arena_create(void);

/* Frees the arena and all that was allocated from it; accepts NULL. */
void mf_arena_destroy(mf_arena *arena);

/* `count` zeroed elements of `size` bytes, owned by the arena; NULL when memory is out or the
 * product overflows. Zero elements give a valid pointer. */
void *mf_arena_array(mf_arena *arena, size_t count, size_t size);

/* Copies of a string, or of its first `length` bytes with a terminator added; NULL as above. */
char *mf_arena_string(mf_arena *arena, const char *text);
char *mf_arena_string_n(mf_arena *arena, const char *text, size_t length);

/* A formatted string, owned by the arena; NULL when memory is out. */
char *mf_arena_format(mf_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far. */
size_t mf_arena_used_bytes(const mf_arena *arena);

#define MF_NEW(arena, type)              ((type *)mf_arena_array(arena, 1, sizeof(type)))
#define MF_NEW_ARRAY(arena, type, count) ((type *)mf_arena_array(arena, count, sizeof(type)))

#ifdef __cplusplus
}
#endif

#endif
