/* The list of dataflows. */
#include "dataflows/dataflow.h"

#include "base/nearest.h"

#include <string.h>

const mf_dataflow *const mf_dataflows[] = {
#define MF_DATAFLOW(name) &mf_dataflow_##name,
#include "dataflows/dataflows.def"
#undef MF_DATAFLOW
    NULL};

mf_status mf_dataflow_find(const char *name, const mf_dataflow **dataflow, mf_diag *diag)
{
    const char *names[sizeof mf_dataflows / sizeof mf_dataflows[0]];
    size_t n = 0;
    for (; mf_dataflows[n]; n++) {
        names[n] = mf_dataflows[n]->name;
        if (strcmp(names[n], name) == 0) {
            *dataflow = mf_dataflows[n];
            return MF_OK;
        }
    }
    mf_fail(diag, MF_UNKNOWN_NAME, "no dataflow \"%s\"", name);
    const char *near = mf_nearest(name, names, n);
    if (near)
        mf_hint(diag, "did you mean \"%s\"?", near);
    else
        mf_hint(diag, "there are row-stationary, weight-stationary, output-stationary and "
                      "no-local-reuse");
    return MF_UNKNOWN_NAME;
}
