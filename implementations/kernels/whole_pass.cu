// The whole job for one piece of the stream, in one kernel and one pass over the readings.
//
// A block takes the next tile of the piece (by a ticket, so that a tile's predecessors are always under way), finds each
// reading's sensor, checks and calibrates it, and aggregates it at once: nothing of that depends on order, since the last
// reading of a sensor is the one with the greatest number. Only the history needs to know how many readings were accepted
// before: tiles pass that on by decoupled look-back (Merrill and Garland, Single-pass Parallel Prefix Scan with Decoupled
// Look-back, NVIDIA technical report NVR-2016-002), in words that hold state and value together and so need no fence.
//
// Arithmetic is IEEE, subnormals included (no flush to zero); multiply and add may be fused. Needs compute capability 7.0.
// Compiled by NVRTC on the device's machine; the tests compile the very same text for the host.

typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#ifndef THREADS
#define THREADS 256  // a block
#endif
#ifndef ITEMS
#define ITEMS 4  // readings a thread
#endif
#ifndef COMBINE
#define COMBINE 1  // readings of one sensor that meet in a warp become one update
#endif

// Threads that a multiprocessor holds: registers are few enough for all of them, since only many hide how long a look
// into the table and the state takes.
#if __CUDA_ARCH__ == 750
#define MOST_THREADS 1024
#elif __CUDA_ARCH__ == 860 || __CUDA_ARCH__ == 870 || __CUDA_ARCH__ == 890 || __CUDA_ARCH__ == 1200 || __CUDA_ARCH__ == 1210
#define MOST_THREADS 1536
#else
#define MOST_THREADS 2048
#endif

#define WARPS (THREADS / 32)
#define TILE (THREADS * ITEMS)
#define ALL_LANES 0xffffffffu

static_assert(WARPS * ITEMS <= 32, "one warp scans the counts of a tile");

struct State {  // device_layout.STATE_DTYPE
    double sum;
    u64 count;
    u64 last;
    int minimum;
    int maximum;
};

enum { UNMATCHED, INVALID, ACCEPTED };       // device_layout: places in the counters
enum { TILE_TOTAL = 1, TOTAL_UP_TO_TILE };  // what a tile has published
#define MAX_VALUE 18446744073709551616.0f   // 2^64, harness.contract

// A slot of the table that holds `id`, or the free one (row == sensors) where the search ends.
__device__ __forceinline__ uint4 find(const uint4* __restrict__ table, u32 id, u32 multiplier, u32 shift, u32 mask,
                                      u32 sensors) {
    u32 place = (id * multiplier) >> shift;
    uint4 slot = __ldg(table + place);
    while (slot.x != id && slot.y != sensors) {
        place = (place + 1) & mask;
        slot = __ldg(table + place);
    }
    return slot;
}

// The float as a whole number of the same order.
__device__ __forceinline__ int ordered(float value) {
    const int bits = __float_as_int(value);
    return bits < 0 ? bits ^ 0x7fffffff : bits;
}

// Add the readings of one warp to the state of their sensors; `number` counts from 1 in the window. All lanes take part.
__device__ __forceinline__ void aggregate(State* __restrict__ state, bool accepted, u32 row, float value, u32 number) {
    u32 count = 1;
    double sum = value;
    float minimum = value;
    float maximum = value;
#if COMBINE
    const u32 lane = threadIdx.x & 31u;
    // The highest lane of those with the same sensor has its last reading, and speaks for all of them.
    const u32 same = __match_any_sync(ALL_LANES, accepted ? row : ALL_LANES);
    const bool speaks = accepted && (same >> lane) == 1u;
    u32 others = speaks ? same & ~(1u << lane) : 0u;
    count = __popc(same);
    while (__any_sync(ALL_LANES, others != 0u)) {
        const u32 from = others ? __ffs(others) - 1 : lane;
        const float other = __shfl_sync(ALL_LANES, value, from);
        if (others) {
            sum += other;
            minimum = fminf(minimum, other);
            maximum = fmaxf(maximum, other);
            others &= others - 1;
        }
    }
#else
    const bool speaks = accepted;
#endif
    if (speaks) {
        State* const mine = state + row;
        // Both only ever move one way: what an old look at them rules out is ruled out for good.
        const int2 extremes = *reinterpret_cast<const int2*>(&mine->minimum);
        atomicAdd(&mine->count, static_cast<u64>(count));
        atomicAdd(&mine->sum, sum);
        atomicMax(&mine->last, static_cast<u64>(number) << 32 | static_cast<u32>(__float_as_int(value)));
        if (ordered(minimum) < extremes.x) atomicMin(&mine->minimum, ordered(minimum));
        if (ordered(maximum) > extremes.y) atomicMax(&mine->maximum, ordered(maximum));
    }
}

__device__ __forceinline__ void publish(volatile u64* tiles, u32 tile, u32 turn, u32 what, u32 value) {
    tiles[tile] = static_cast<u64>(turn << 2 | what) << 32 | value;
}

// Whether a tile's word is of this launch.
__device__ __forceinline__ bool is_published(u64 word, u32 turn) {
    return static_cast<u32>(word >> 34) == (turn & 0x3fffffffu) && (word >> 32 & 3u) != 0;
}

// How many readings the tiles before `tile` accepted, added up by one warp.
__device__ u32 look_back(volatile u64* tiles, u32 tile, u32 turn, u32 lane) {
    u32 before = 0;
    for (i64 end = tile;; end -= 32) {
        const i64 at = end - 1 - static_cast<i64>(lane);
        u64 word = static_cast<u64>(turn << 2 | TOTAL_UP_TO_TILE) << 32;  // before the first tile there is nothing
        if (at >= 0) {
            word = tiles[at];
            while (!is_published(word, turn)) {
                __nanosleep(40);
                word = tiles[at];
            }
        }
        const bool is_all = (static_cast<u32>(word >> 32) & 3u) == TOTAL_UP_TO_TILE;
        const u32 ends = __ballot_sync(ALL_LANES, is_all);
        const u32 nearest = ends ? __ffs(ends) - 1 : 31u;
        u32 part = lane <= nearest ? static_cast<u32>(word) : 0u;
        for (u32 step = 16; step; step >>= 1) part += __shfl_xor_sync(ALL_LANES, part, step);
        before += part;
        if (ends) return before;
    }
}

// times, ids, values: `length` readings, the first of which is number `number` in the window, and piece `turn` since the
// start. calibrated: their values, NaN where rejected. tickets: 0 between launches. tiles: a word a tile, zeros at first.
// ring_*: `room` places, none (0) or at least as many as the piece has readings.
extern "C" __global__ void __launch_bounds__(THREADS, MOST_THREADS / THREADS)
whole_pass(const u32* __restrict__ ids, const i64* __restrict__ times, const float* __restrict__ values, u32 length,
           u32 number, u32 turn, const uint4* __restrict__ table, u32 multiplier, u32 shift, u32 mask, u32 sensors,
           float* __restrict__ calibrated, State* __restrict__ state, u64* __restrict__ counters, u32* tickets,
           volatile u64* tiles, u32* __restrict__ ring_ids, i64* __restrict__ ring_times,
           float* __restrict__ ring_values, u64 room) {
    __shared__ u32 shared_tile;
    __shared__ u32 shared_rejected[2];
    __shared__ u32 counts[32];  // accepted readings by item and warp; then, how many of the tile come before
    __shared__ u64 shared_begin;

    const u32 thread = threadIdx.x;
    const u32 lane = thread & 31u;
    const u32 warp = thread >> 5;
    if (thread == 0) {
        shared_tile = atomicAdd(tickets, 1u);
        if (shared_tile == gridDim.x - 1) *tickets = 0;  // all are taken: ready for the next launch
        shared_rejected[UNMATCHED] = shared_rejected[INVALID] = 0;
    }
    __syncthreads();
    const u32 tile = shared_tile;

    float value[ITEMS];  // a number exactly where it was accepted
#pragma unroll
    for (u32 item = 0; item < ITEMS; ++item) {
        const u32 at = tile * TILE + item * THREADS + thread;
        const bool is_there = at < length;
        bool is_known = false;
        bool is_accepted = false;
        u32 row = sensors;
        value[item] = __int_as_float(0x7fc00000);
        if (is_there) {
            const uint4 slot = find(table, ids[at], multiplier, shift, mask, sensors);
            const float raw = values[at];
            row = slot.y;
            is_known = row != sensors;
            is_accepted = is_known && fabsf(raw) <= MAX_VALUE;
            if (is_accepted) value[item] = raw * __int_as_float(slot.z) + __int_as_float(slot.w);
            calibrated[at] = value[item];
        }
        const u32 accepted = __popc(__ballot_sync(ALL_LANES, is_accepted));
        const u32 unmatched = __popc(__ballot_sync(ALL_LANES, is_there && !is_known));
        const u32 invalid = __popc(__ballot_sync(ALL_LANES, is_known && !is_accepted));
        if (lane == 0) {
            counts[item * WARPS + warp] = accepted;
            if (unmatched) atomicAdd(&shared_rejected[UNMATCHED], unmatched);
            if (invalid) atomicAdd(&shared_rejected[INVALID], invalid);
        }
        aggregate(state, is_accepted, row, value[item], number + at);
    }
    __syncthreads();

    if (warp == 0) {
        const u32 mine = lane < WARPS * ITEMS ? counts[lane] : 0u;
        u32 up_to = mine;
        for (u32 step = 1; step < 32; step <<= 1) {
            const u32 below = __shfl_up_sync(ALL_LANES, up_to, step);
            if (lane >= step) up_to += below;
        }
        counts[lane] = up_to - mine;
        const u32 total = __shfl_sync(ALL_LANES, up_to, 31);
        if (lane == 0) publish(tiles, tile, turn, tile ? TILE_TOTAL : TOTAL_UP_TO_TILE, total);
        const u32 before = look_back(tiles, tile, turn, lane);
        if (lane == 0) {
            publish(tiles, tile, turn, TOTAL_UP_TO_TILE, before + total);
            const u64 begin = counters[ACCEPTED + (turn & 1u)] + before;
            if (tile == gridDim.x - 1) counters[ACCEPTED + (~turn & 1u)] = begin + total;
            shared_begin = room ? begin % room : 0;
            for (u32 kind = UNMATCHED; kind <= INVALID; ++kind)
                if (shared_rejected[kind]) atomicAdd(counters + kind, static_cast<u64>(shared_rejected[kind]));
        }
    }
    __syncthreads();

    if (room == 0) return;
#pragma unroll
    for (u32 item = 0; item < ITEMS; ++item) {
        const u32 accepted_lanes = __ballot_sync(ALL_LANES, value[item] == value[item]);
        if ((accepted_lanes >> lane & 1u) == 0) continue;
        const u32 at = tile * TILE + item * THREADS + thread;
        const u32 below = __popc(accepted_lanes & ((1u << lane) - 1u));
        u64 place = shared_begin + counts[item * WARPS + warp] + below;
        if (place >= room) place -= room;
        ring_ids[place] = ids[at];
        ring_times[place] = times[at];
        ring_values[place] = value[item];
    }
}
