/* Powers of three ratios, and the object that has the exponents. */
#include "energy_tables/memory_law.h"

#include "base/faults.h"
#include "models/fact.h"

#include <inttypes.h>
#include <math.h>

static double grown(double price, const mf_memory_law *law, const mf_memory *memory,
                    double capacity_exponent, double port_exponent)
{
    return price * pow((double)memory->bits / (double)law->anchor.bits, capacity_exponent) *
           pow((double)memory->port_bits / (double)law->anchor.port_bits, port_exponent) *
           pow((double)memory->banks / (double)law->anchor.banks, law->bank_exponent);
}

void mf_memory_law_prices(const mf_memory_law *law, const mf_memory *memory, double *read,
                          double *write)
{
    *read = grown(law->read, law, memory, law->reads.capacity, law->reads.port - 1);
    *write = grown(law->write, law, memory, law->writes.capacity, law->writes.port - 1);
}

double mf_memory_law_whole(const mf_memory_law *law, const mf_memory *memory)
{
    return grown(law->read, law, memory, law->reads.capacity, law->reads.port);
}

bool mf_memory_law_holds(const mf_memory_law *law, const mf_memory *memory)
{
    return memory->bits >= law->least.bits && memory->bits <= law->most.bits &&
           memory->port_bits >= law->least.port_bits && memory->port_bits <= law->most.port_bits;
}

/* ---- reading -----------------------------------------------------------------------------------
 */

const char *const mf_memory_law_keys[] = {"bytes",
                                          "banks",
                                          "port_bits",
                                          "capacity_exponent",
                                          "port_exponent",
                                          "read_capacity_exponent",
                                          "read_port_exponent",
                                          "write_capacity_exponent",
                                          "write_port_exponent",
                                          "bank_exponent",
                                          "least_bytes",
                                          "most_bytes",
                                          "least_port_bits",
                                          "most_port_bits",
                                          "status",
                                          "source",
                                          NULL};

enum { MOST_PORT_BITS = 1 << 20, MOST_BANKS = 1 << 16 };
#define MOST_BYTES ((uint64_t)1 << 40)

static mf_status read_pair(const mf_json *object, const char *capacity, const char *port,
                           mf_memory_exponents *exponents, mf_diag *diag)
{
    mf_faults faults = {0};
    MF_ALSO(mf_json_real(object, capacity, 0, 2, &exponents->capacity, &faults.latest));
    MF_ALSO(mf_json_real(object, port, 0, 2, &exponents->port, &faults.latest));
    return mf_faults_end(&faults, diag);
}

/* One pair for both, or one each. */
static mf_status read_exponents(const mf_json *object, mf_memory_law *law, mf_diag *diag)
{
    static const char *const apart[] = {"read_capacity_exponent", "read_port_exponent",
                                        "write_capacity_exponent", "write_port_exponent"};
    mf_json member;
    mf_faults faults = {0};
    bool any = false;
    for (size_t i = 0; i < 4; i++)
        any = any || mf_json_find(object, apart[i], &member);
    if (!any) {
        MF_TRY(read_pair(object, "capacity_exponent", "port_exponent", &law->reads, diag));
        law->writes = law->reads;
        return MF_OK;
    }
    if (mf_json_find(object, "capacity_exponent", &member) ||
        mf_json_find(object, "port_exponent", &member))
        return mf_json_fail(&member, diag, MF_INVALID,
                            "exponents of reads and writes together, or of each: not both");
    MF_ALSO(read_pair(object, apart[0], apart[1], &law->reads, &faults.latest));
    MF_ALSO(read_pair(object, apart[2], apart[3], &law->writes, &faults.latest));
    return mf_faults_end(&faults, diag);
}

static mf_status read_bytes(const mf_json *object, const char *key, uint64_t *bits, mf_diag *diag)
{
    uint64_t bytes = 0;
    MF_TRY(mf_json_count(object, key, 1, MOST_BYTES, &bytes, diag));
    *bits = 8 * bytes;
    return MF_OK;
}

static mf_status read_port(const mf_json *object, const char *key, uint64_t *bits, mf_diag *diag)
{
    return mf_json_count(object, key, 1, MOST_PORT_BITS, bits, diag);
}

mf_status mf_memory_law_read(const mf_json *object, struct mf_arena *arena, mf_memory_law *law,
                             mf_diag *diag)
{
    size_t status = 0;
    mf_faults faults = {0};
    MF_ALSO(read_bytes(object, "bytes", &law->anchor.bits, &faults.latest));
    MF_ALSO(mf_json_count(object, "banks", 1, MOST_BANKS, &law->anchor.banks, &faults.latest));
    MF_ALSO(read_port(object, "port_bits", &law->anchor.port_bits, &faults.latest));
    MF_ALSO(read_exponents(object, law, &faults.latest));
    MF_ALSO(mf_json_real(object, "bank_exponent", -1, 1, &law->bank_exponent, &faults.latest));
    MF_ALSO(read_bytes(object, "least_bytes", &law->least.bits, &faults.latest));
    MF_ALSO(read_bytes(object, "most_bytes", &law->most.bits, &faults.latest));
    MF_ALSO(read_port(object, "least_port_bits", &law->least.port_bits, &faults.latest));
    MF_ALSO(read_port(object, "most_port_bits", &law->most.port_bits, &faults.latest));
    MF_ALSO(mf_json_choice(object, "status", mf_fact_statuses, MF_N_FACT_STATUSES, &status,
                           &faults.latest));
    MF_ALSO(mf_json_copy_string(object, "source", arena, &law->source, &faults.latest));
    MF_TRY(mf_faults_end(&faults, diag));
    law->status = mf_fact_statuses[status];
    if (law->least.bits > law->most.bits)
        return mf_json_fail(object, diag, MF_INVALID,
                            "least_bytes %" PRIu64 " is more than most_bytes %" PRIu64,
                            law->least.bits / 8, law->most.bits / 8);
    if (law->least.port_bits > law->most.port_bits)
        return mf_json_fail(object, diag, MF_INVALID,
                            "least_port_bits %" PRIu64 " is more than most_port_bits %" PRIu64,
                            law->least.port_bits, law->most.port_bits);
    return MF_OK;
}
