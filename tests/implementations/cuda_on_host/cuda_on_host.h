// CUDA C on the host: just enough of it to run a kernel of this project as it is written, and to find it out.
//
// The threads of a block are fibers of one thread of the system. A fiber runs until it meets a barrier (of its block or of
// its warp); fibers take turns in another order each time, drawn from a seed. Blocks run at the same time on a few threads
// of the system, started in a shuffled order, so that blocks that wait for each other really do. A barrier that not
// all reach ends the program with a message: on a device it would hang or be undefined.
#pragma once
#include <ucontext.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#define __device__
#define __global__
#define __forceinline__ inline
#define __restrict__
#define __launch_bounds__(...)
#define __shared__ static thread_local  // one block at a time on each thread of the system

struct int2 {
    int x, y;
};
struct uint4 {
    unsigned x, y, z, w;
};

namespace host {

constexpr std::size_t STACK_BYTES = 64 << 10;

struct Fiber {
    ucontext_t context;
    std::vector<char> stack;
    unsigned thread;
    int arrivals[2];  // barriers of the warp and of the block it has met
    bool is_done;
};

struct Block {
    ucontext_t scheduler;
    std::vector<Fiber> fibers;
    Fiber* running;
    unsigned index, blocks;
    std::function<void()> body;
    unsigned long long exchanged[2][32 * 32];  // what the lanes of each warp offer each other, in two turns
};

inline thread_local Block* block = nullptr;

inline void enter() {
    block->body();
    block->running->is_done = true;
    swapcontext(&block->running->context, &block->scheduler);
}

inline void yield() { swapcontext(&block->running->context, &block->scheduler); }

// Wait until all of the same warp (kind 0) or block (kind 1) have met as many barriers.
inline void barrier(int kind) {
    Fiber* const me = block->running;
    const int mine = ++me->arrivals[kind];
    const std::size_t first = kind ? 0 : me->thread / 32 * 32;
    const std::size_t end = kind ? block->fibers.size() : first + 32;
    for (;;) {
        bool all = true;
        for (std::size_t other = first; other < end; ++other) all &= block->fibers[other].arrivals[kind] >= mine;
        if (all) return;
        yield();
    }
}

// Offer `value` to the warp; what all its lanes offered.
inline const unsigned long long* exchange(unsigned mask, unsigned long long value) {
    if (mask != 0xffffffffu) std::fprintf(stderr, "cuda_on_host: only whole warps are known\n"), std::abort();
    Fiber* const me = block->running;
    unsigned long long* const offered = block->exchanged[me->arrivals[0] & 1] + me->thread / 32 * 32;
    offered[me->thread % 32] = value;
    barrier(0);
    return offered;
}

inline void run_block(unsigned index, unsigned blocks, unsigned threads, std::mt19937& random,
                      const std::function<void()>& body) {
    static thread_local Block kept;
    block = &kept;
    kept.index = index, kept.blocks = blocks, kept.body = body;
    kept.fibers.resize(threads);
    for (unsigned thread = 0; thread < threads; ++thread) {
        Fiber& fiber = kept.fibers[thread];
        fiber.stack.resize(STACK_BYTES);
        fiber.thread = thread, fiber.arrivals[0] = fiber.arrivals[1] = 0, fiber.is_done = false;
        getcontext(&fiber.context);
        fiber.context.uc_stack = {fiber.stack.data(), 0, fiber.stack.size()};
        fiber.context.uc_link = nullptr;
        makecontext(&fiber.context, enter, 0);
    }
    std::vector<unsigned> order(threads);
    std::iota(order.begin(), order.end(), 0u);
    std::size_t left = threads;
    for (unsigned idle = 0; left;) {
        std::shuffle(order.begin(), order.end(), random);
        bool moved = false;
        for (const unsigned thread : order) {
            Fiber& fiber = kept.fibers[thread];
            if (fiber.is_done) continue;
            const int before = fiber.arrivals[0] + fiber.arrivals[1];
            kept.running = &fiber;
            swapcontext(&kept.scheduler, &fiber.context);
            moved |= fiber.is_done || fiber.arrivals[0] + fiber.arrivals[1] != before;
            left -= fiber.is_done;
        }
        idle = moved ? 0 : idle + 1;
        if (idle > 100'000) std::fprintf(stderr, "cuda_on_host: block %u waits for ever\n", index), std::abort();
    }
}

// Run `body` once a thread of `blocks` blocks.
inline void launch(unsigned blocks, unsigned threads, unsigned seed, const std::function<void()>& body) {
    std::vector<unsigned> order(blocks);
    std::iota(order.begin(), order.end(), 0u);
    std::mt19937 shuffling(seed);
    std::shuffle(order.begin(), order.end(), shuffling);
    std::atomic<unsigned> next{0};
    const auto work = [&](unsigned worker) {
        std::mt19937 random(seed + worker);
        for (unsigned at; (at = next++) < blocks;) run_block(order[at], blocks, threads, random, body);
    };
    std::vector<std::thread> others;
    for (unsigned worker = 1; worker < std::min(blocks, 3u); ++worker) others.emplace_back(work, worker);
    work(0);
    for (std::thread& other : others) other.join();
}

struct Index {
    unsigned x;
};

}  // namespace host

#define threadIdx (host::Index{host::block->running->thread})
#define blockIdx (host::Index{host::block->index})
#define gridDim (host::Index{host::block->blocks})

inline void __syncthreads() { host::barrier(1); }
inline void __nanosleep(unsigned) {
    std::this_thread::yield();
    host::yield();
}

template <class T>
unsigned long long as_word(T value) {
    unsigned long long word = 0;
    std::memcpy(&word, &value, sizeof value);
    return word;
}
template <class T>
T from_word(unsigned long long word) {
    T value;
    std::memcpy(&value, &word, sizeof value);
    return value;
}
inline unsigned lane() { return host::block->running->thread % 32; }

inline unsigned __ballot_sync(unsigned mask, int predicate) {
    const unsigned long long* const offered = host::exchange(mask, predicate != 0);
    unsigned ballot = 0;
    for (unsigned at = 0; at < 32; ++at) ballot |= static_cast<unsigned>(offered[at]) << at;
    return ballot;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline unsigned __match_any_sync(unsigned mask, unsigned value) {
    const unsigned long long* const offered = host::exchange(mask, value);
    unsigned same = 0;
    for (unsigned at = 0; at < 32; ++at) same |= (offered[at] == value ? 1u : 0u) << at;
    return same;
}
template <class T>
T __shfl_sync(unsigned mask, T value, unsigned from) {
    return from_word<T>(host::exchange(mask, as_word(value))[from % 32]);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, unsigned step) {
    return from_word<T>(host::exchange(mask, as_word(value))[lane() ^ step]);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned step) {
    const unsigned me = lane();
    return from_word<T>(host::exchange(mask, as_word(value))[me >= step ? me - step : me]);
}

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline int __ffs(unsigned bits) { return __builtin_ffs(static_cast<int>(bits)); }
inline int __float_as_int(float value) { return static_cast<int>(as_word(value)); }
inline float __int_as_float(unsigned bits) { return from_word<float>(bits); }
template <class T>
T __ldg(const T* from) {
    return *from;
}

template <class T>
T atomicAdd(T* at, T value) {
    return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}
template <class T, class Better>
T replaced_if(T* at, T value, Better better) {
    T old = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (better(value, old) && !__atomic_compare_exchange_n(at, &old, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return old;
}
template <class T>
T atomicMax(T* at, T value) {
    return replaced_if(at, value, std::greater<T>());
}
template <class T>
T atomicMin(T* at, T value) {
    return replaced_if(at, value, std::less<T>());
}
inline double atomicAdd(double* at, double value) {
    unsigned long long* const word = reinterpret_cast<unsigned long long*>(at);
    unsigned long long old = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(word, &old, as_word(from_word<double>(old) + value), false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
    }
    return from_word<double>(old);
}
