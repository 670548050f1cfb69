#ifndef SHIMS_H
#define SHIMS_H
#endif
