#ifndef CHOST_H
#define CHOST_H

/// The highest x86-64 level (2, 3 or 4) that this CPU and its operating system support; 0 elsewhere.
int chost_x86_level(void);

/// Asks for a cache line that will be read soon; Swift has no such instruction of its own.
static inline void chost_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
