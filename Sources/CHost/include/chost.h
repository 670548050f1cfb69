#ifndef CHOST_H
#define CHOST_H

#include <stdint.h>

/// The highest x86-64 level (2, 3 or 4) that this CPU and its operating system support; 0 elsewhere.
int chost_x86_level(void);

/// A file descriptor that counts a PERF_COUNT_HW event in this process and its later threads, outside the kernel;
/// a negated errno where that cannot be.
int chost_counter_open(uint64_t event);

/// Asks for a cache line that will be read (or written) soon; Swift has no such instruction of its own.
static inline void chost_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
static inline void chost_prefetch_write(const void *address) { __builtin_prefetch(address, 1, 3); }

/// Returns `value` as it is, and keeps the compiler from gathering neighbouring scalar sums into a vector: where each
/// comes from an address of its own, filling the vector takes longer than the sums.
static inline float chost_scalar(float value) {
#if defined(__x86_64__)
    __asm__("" : "+x"(value));
#elif defined(__aarch64__)
    __asm__("" : "+w"(value));
#endif
    return value;
}

#endif
