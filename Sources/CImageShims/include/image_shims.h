#ifndef IMAGE_SHIMS_H
#define IMAGE_SHIMS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// libpng and libjpeg report errors by longjmp, which must not cross Swift frames. These functions contain it.

typedef struct {
    uint32_t width, height;
    // Channels per pixel: 1, 2 (grey and alpha), 3, 4 (with alpha, or CMYK from a JPEG).
    int channels;
    // Bits per channel: 8, or 16 in the machine's byte order.
    int depth;
    // The JPEG holds CMYK, with 255 meaning no ink.
    int cmyk;
    // The EXIF orientation, 1 to 8; 1 where there is none.
    int orientation;
    // height × width × channels, owned by the caller, to be freed with free().
    void *pixels;
    // What went wrong, where a function returns 0.
    char error[256];
} image_shim;

// Decodes a PNG; 1 where it went well. Larger images than pixel_limit pixels are refused before memory is taken.
int image_shim_decode_png(FILE *file, uint64_t pixel_limit, image_shim *image);

// Decodes a JPEG as libjpeg does by default, with its warnings as errors, and at most scan_limit scans.
int image_shim_decode_jpeg(FILE *file, uint64_t pixel_limit, int scan_limit, image_shim *image);

// Encodes 8-bit or 16-bit (machine byte order) pixels as PNG.
int image_shim_encode_png(FILE *file, image_shim *image);

// Encodes 8-bit pixels of 1 or 3 channels as JPEG.
int image_shim_encode_jpeg(FILE *file, int quality, image_shim *image);

#endif
