/* With MPI: only its messages from one rank to another. Reductions of MPI may add in any order, and its
 * waiting calls keep a core busy. */
#include "base/ranks_transport.h"

#include <mpi.h>

static MPI_Request request;

bool mf_transport_can(void)
{
    return true;
}

mf_status mf_transport_start(size_t *size, size_t *rank, mf_diag *diag)
{
    int given, n, me;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS)
        return mf_fail(diag, MF_IO, "MPI cannot be started");
    if (given < MPI_THREAD_FUNNELED)
        return mf_fail(diag, MF_IO, "this MPI knows no threads");
    MPI_Comm_size(MPI_COMM_WORLD, &n);
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    *size = (size_t)n;
    *rank = (size_t)me;
    return MF_OK;
}

/* A fault of MPI's ends all ranks: that is its own default. */
void mf_transport_begin(bool sends, size_t peer, void *bytes, int n)
{
    if (sends)
        MPI_Isend(bytes, n, MPI_BYTE, (int)peer, 0, MPI_COMM_WORLD, &request);
    else
        MPI_Irecv(bytes, n, MPI_BYTE, (int)peer, 0, MPI_COMM_WORLD, &request);
}

bool mf_transport_done(void)
{
    int done;
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    return done;
}

bool mf_transport_poll(size_t *from)
{
    int came;
    MPI_Status message;
    MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &came, &message);
    if (came)
        *from = (size_t)message.MPI_SOURCE;
    return came;
}

void mf_transport_end(void)
{
    MPI_Finalize();
}

void mf_transport_abort(int exit_code)
{
    MPI_Abort(MPI_COMM_WORLD, exit_code);
}
