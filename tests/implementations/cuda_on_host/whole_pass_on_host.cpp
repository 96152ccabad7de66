// The kernel of implementations/kernels/whole_pass.cu, compiled for the host: one function, to be called by ctypes.
#include "cuda_on_host.h"
//
#include "whole_pass.cu"

extern "C" void run_whole_pass(u32 blocks, u32 seed, const u32* ids, const i64* times, const float* values, u32 length,
                               u32 number, u32 turn, const uint4* table, u32 multiplier, u32 shift, u32 mask,
                               u32 sensors, float* calibrated, State* state, u64* counters, u32* tickets, u64* tiles,
                               u32* ring_ids, i64* ring_times, float* ring_values, u64 room) {
    host::launch(blocks, THREADS, seed, [=] {
        whole_pass(ids, times, values, length, number, turn, table, multiplier, shift, mask, sensors, calibrated, state,
                   counters, tickets, tiles, ring_ids, ring_times, ring_values, room);
    });
}
