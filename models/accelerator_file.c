/* A file to an accelerator: its own keys over those of the one that it is based on. */
#include "models/accelerator.h"

#include "base/arena.h"
#include "base/faults.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_OTHER_MEMBERS = 6 };

const char *const mf_accelerator_other_members[N_OTHER_MEMBERS + 1] = {
    "name", "about", "source", "based_on", "facts", "pools", NULL};

const mf_other_word mf_accelerator_other_words[] = {
#define MF_OTHER_WORD(word, name, instead) {word, name, instead},
#include "models/accelerator_words.def"
#undef MF_OTHER_WORD
    {NULL, NULL, NULL}};

/* A file that is being read, and the one that is based on it. */
typedef struct ancestry {
    const struct ancestry *heir;
    const char *name; /* as messages have it */
    size_t depth;
} ancestry;

typedef struct reading {
    const mf_accelerator_wants *wants;
    mf_arena *arena;
    mf_accelerator *accelerator;
} reading;

static int key_of(const char *name)
{
    int key = 0;
    while (strcmp(name, mf_accelerator_keys[key]) != 0)
        key++;
    return key;
}

/* ---- parts -------------------------------------------------------------------------------------
 */

static mf_status read_facts(const mf_json *root, mf_arena *arena, mf_accelerator *accelerator,
                            mf_diag *diag)
{
    static const char *const members[] = {"status", "source", NULL};
    mf_json facts, fact = {0};
    mf_faults faults = {0};
    if (!mf_json_find(root, "facts", &facts))
        return MF_OK;
    MF_TRY(mf_json_only(&facts, mf_accelerator_keys, diag));
    while (mf_json_next(&facts, &fact)) {
        mf_fact *to = &accelerator->facts[key_of(fact.key)];
        size_t status = 0;
        MF_ALSO(mf_json_only(&fact, members, &faults.latest));
        MF_ALSO(mf_json_choice(&fact, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                               &faults.latest));
        to->status = mf_fact_statuses[status];
        MF_ALSO(mf_json_copy_string(&fact, "source", arena, &to->source, &faults.latest));
    }
    return mf_faults_end(&faults, diag);
}

static mf_status read_pool_operators(const mf_json *item, mf_arena *arena, mf_pool *pool,
                                     mf_diag *diag)
{
    mf_json list, word = {0};
    MF_TRY(mf_json_array(item, "operators", &list, diag));
    const char **names = MF_NEW_ARRAY(arena, const char *, mf_json_size(&list));
    if (!names)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &word)) {
        const char *name;
        MF_TRY(mf_json_read_string(&word, &name, diag));
        if (!(names[pool->n_operators++] = mf_arena_string(arena, name)))
            return mf_fail_memory(diag);
    }
    pool->operators = names;
    return MF_OK;
}

static mf_status read_pools(const mf_json *root, mf_arena *arena, mf_accelerator *accelerator,
                            mf_diag *diag)
{
    static const char *const members[] = {"name", "pe_rows", "pe_columns", "operators", NULL};
    mf_json list, item = {0};
    mf_faults faults = {0};
    if (!mf_json_find(root, "pools", &list))
        return MF_OK;
    MF_TRY(mf_json_array(root, "pools", &list, diag));
    accelerator->n_pools = 0; /* those of the base */
    mf_pool *pools = MF_NEW_ARRAY(arena, mf_pool, mf_json_size(&list));
    if (!pools)
        return mf_fail_memory(diag);
    while (mf_json_next(&list, &item)) {
        mf_pool *pool = &pools[accelerator->n_pools++];
        MF_ALSO(mf_json_only(&item, members, &faults.latest));
        MF_ALSO(mf_json_copy_string(&item, "name", arena, &pool->name, &faults.latest));
        MF_ALSO(mf_json_count(&item, "pe_rows", 1, 65536, &pool->pe_rows, &faults.latest));
        MF_ALSO(mf_json_count(&item, "pe_columns", 1, 65536, &pool->pe_columns, &faults.latest));
        MF_ALSO(read_pool_operators(&item, arena, pool, &faults.latest));
    }
    accelerator->pools = pools;
    return mf_faults_end(&faults, diag);
}

/* A key that the file gives is its own: what was said of the inherited value does not hold for it. */
static mf_status read_member(const mf_json *root, int key, mf_accelerator *accelerator,
                             mf_diag *diag)
{
    mf_json member;
    if (!mf_json_find(root, mf_accelerator_keys[key], &member))
        return MF_OK;
    accelerator->facts[key] = (mf_fact){0};
    return mf_accelerator_read(accelerator, mf_accelerator_keys[key], root, &member, diag);
}

/* All keys that neither the file nor its base has, of those that every accelerator has and those that are
 * wanted, at once. A key with a wrong value is there. */
static mf_status check_missing(const reading *r, const mf_json *root, mf_diag *diag)
{
    mf_accelerator seen = *r->accelerator;
    char missing[MF_MISSING_KEYS_BYTES];
    mf_json member;
    for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++)
        seen.given[key] = seen.given[key] || mf_json_find(root, mf_accelerator_keys[key], &member);
    size_t n = mf_accelerator_missing(&seen, r->wants->groups | 1u << MF_GROUP_MACHINE, missing,
                                      sizeof missing);
    if (!n)
        return MF_OK;
    mf_json_fail(root, diag, MF_INVALID, "%s %s missing", missing, n == 1 ? "is" : "are");
    mf_hint(
        diag,
        "give %s, or \"based_on\": \"eyeriss-12x14\", whose values hold where a file has none of "
        "its own",
        n == 1 ? "it" : "them");
    return MF_INVALID;
}

/* ---- inheritance -------------------------------------------------------------------------------
 */

/* Which file a name means: a path, from the folder of the file that has it; else the finder's, or one
 * beside that file. */
static mf_status find_base(const reading *r, const char *from, const char *name, const char **path,
                           mf_diag *diag)
{
    const mf_accelerator_wants *w = r->wants;
    const char *slash = strrchr(from, '/');
    int folder = slash ? (int)(slash - from) + 1 : 0;
    bool is_path = strchr(name, '/') || mf_file_has_ending(name, ".json") ||
                   mf_file_has_ending(name, ".json.gz");
    if (!is_path && w->find)
        return w->find(w->user, name, r->arena, path, diag);
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    *path = *name == '/'
                ? mf_arena_string(r->arena, name)
                : mf_arena_format(r->arena, "%.*s%s%s", folder, from, name, is_path ? "" : ".json");
    return *path ? MF_OK : mf_fail_memory(diag);
}

static bool same_file(const char *a, const char *b)
{
    char *x = realpath(a, NULL), *y = realpath(b, NULL);
    bool same = strcmp(x ? x : a, y ? y : b) == 0;
    free(x);
    free(y);
    return same;
}

static void write_chain(const ancestry *l, char *text, size_t size)
{
    if (l->heir)
        write_chain(l->heir, text, size);
    size_t n = strlen(text);
    snprintf(text + n, size - n, "%s%s", n ? " -> " : "", l->name);
}

/* A file that is being read already would never end. */
static mf_status check_chain(const mf_json *place, const ancestry *last, const char *path,
                             mf_diag *diag)
{
    char chain[512] = "";
    bool again = false;
    for (const ancestry *l = last; l && !again; l = l->heir)
        again = same_file(l->name, path);
    if (again) {
        write_chain(last, chain, sizeof chain);
        return mf_json_fail(place, diag, MF_INVALID, "inheritance in a circle: %s -> %s", chain,
                            path);
    }
    if (last->depth < MF_MOST_BASES)
        return MF_OK;
    return mf_json_fail(place, diag, MF_TOO_LARGE,
                        "more than %d files that are based on each other", (int)MF_MOST_BASES);
}

static mf_status read_file(const reading *r, const mf_json_doc *doc, const ancestry *heir,
                           mf_diag *diag);

static mf_status read_base(const reading *r, const mf_json *root, const ancestry *self,
                           mf_diag *diag)
{
    mf_accelerator *a = r->accelerator;
    mf_json place;
    const char *name, *path;
    mf_json_doc *doc = NULL;
    mf_diag why = {0};
    if (!mf_json_find(root, "based_on", &place))
        return MF_OK;
    MF_TRY(mf_json_read_string(&place, &name, diag));
    mf_status status = find_base(r, self->name, name, &path, &why);
    if (status == MF_OK)
        MF_TRY(check_chain(&place, self, path, diag));
    if (status == MF_OK)
        status = mf_json_load(path, &doc, &why);
    if (status != MF_OK) {
        mf_json_fail(&place, diag, status, "%s", why.message);
        mf_hint(diag, "%s", why.hint);
        return status;
    }
    status = read_file(r, doc, self, &why);
    mf_json_destroy(doc);
    if (status != MF_OK) { /* begins with the file whose keys they are */
        mf_json_fail(&place, diag, status, "%s", why.message);
        mf_hint(diag, "%s", why.hint);
    } else if (a->n_bases < MF_MOST_BASES)
        a->bases[a->n_bases++] = a->name;
    return status;
}

/* ---- files -------------------------------------------------------------------------------------
 */

/* The keys of one file over those of its base; which of them are missing only the end can tell. */
static mf_status read_file(const reading *r, const mf_json_doc *doc, const ancestry *heir,
                           mf_diag *diag)
{
    const char *members[N_OTHER_MEMBERS + MF_N_ACCELERATOR_KEYS + 1];
    mf_accelerator *a = r->accelerator;
    mf_json root = mf_json_root(doc), source;
    mf_faults faults = {0};
    ancestry self = {heir, mf_json_name(doc), heir ? heir->depth + 1 : 0};
    memcpy(members, mf_accelerator_other_members, sizeof(char *) * N_OTHER_MEMBERS);
    memcpy(members + N_OTHER_MEMBERS, mf_accelerator_keys,
           sizeof(char *) * (MF_N_ACCELERATOR_KEYS + 1));
    mf_diag of_base = {0};
    mf_status base = mf_json_is_object(&root) ? read_base(r, &root, &self, &of_base) : MF_OK;
    if (!heir && base == MF_OK && mf_json_is_object(&root))
        MF_ALSO(check_missing(r, &root, &faults.latest));
    MF_ALSO(mf_json_only_of(&root, members, mf_accelerator_other_words, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "name", r->arena, &a->name, &faults.latest));
    MF_ALSO(mf_json_copy_string(&root, "about", r->arena, &a->about, &faults.latest));
    if ((base == MF_OK && !a->source) || mf_json_find(&root, "source", &source))
        MF_ALSO(mf_json_copy_string(&root, "source", r->arena, &a->source, &faults.latest));
    if (mf_json_is_object(&root)) {
        MF_ALSO(read_member(&root, MF_KEY_word_bits, a, &faults.latest)); /* sizes need it */
        for (int key = 0; key < MF_N_ACCELERATOR_KEYS; key++)
            if (key != MF_KEY_word_bits)
                MF_ALSO(read_member(&root, key, a, &faults.latest));
        MF_ALSO(read_facts(&root, r->arena, a, &faults.latest));
        MF_ALSO(read_pools(&root, r->arena, a, &faults.latest));
    }
    faults.latest = of_base; /* which may name another file: not the first */
    mf_faults_add(&faults, base);
    return mf_faults_end(&faults, diag);
}

mf_status mf_accelerator_from_json_with(const mf_json_doc *doc, const mf_accelerator_wants *wants,
                                        mf_arena *arena, mf_accelerator *accelerator, mf_diag *diag)
{
    reading r = {wants, arena, accelerator};
    *accelerator = (mf_accelerator){0};
    return read_file(&r, doc, NULL, diag);
}

mf_status mf_accelerator_from_json(const mf_json_doc *doc, mf_arena *arena,
                                   mf_accelerator *accelerator, mf_diag *diag)
{
    return mf_accelerator_from_json_with(doc, &(mf_accelerator_wants){0}, arena, accelerator, diag);
}

mf_status mf_accelerator_load(const char *path, mf_arena *arena, mf_accelerator *accelerator,
                              mf_diag *diag)
{
    mf_json_doc *doc;
    MF_TRY(mf_json_load(path, &doc, diag));
    mf_status status = mf_accelerator_from_json(doc, arena, accelerator, diag);
    mf_json_destroy(doc);
    return status;
}
