#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "image_shims.h"

static void fail(png_structp png, png_const_charp message) {
    image_shim *image = png_get_error_ptr(png);
    snprintf(image->error, sizeof image->error, "%s", message);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

// Chunks that change no pixel are skipped unread: libpng takes up to a gigabyte for some of them.
static void skip_ancillary(png_structp png) {
    static const png_byte names[] = "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0"
                                    "sPLT\0sRGB\0sTER\0tEXt\0tIME\0zTXt";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, (int)(sizeof names / 5));
}

int image_shim_decode_png(FILE *file, uint64_t pixel_limit, image_shim *image) {
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image, fail, fail);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    png_bytep *volatile rows = NULL;
    image->pixels = NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        if (!info) snprintf(image->error, sizeof image->error, "out of memory");
        free((void *)rows);
        free(image->pixels);
        image->pixels = NULL;
        png_destroy_read_struct(&png, &info, NULL);
        return 0;
    }
    skip_ancillary(png);
    png_set_benign_errors(png, 0);
    png_set_user_limits(png, 1000000, 1000000);
    png_set_chunk_cache_max(png, 128);
    png_set_chunk_malloc_max(png, 8 << 20);
    png_init_io(png, file);
    png_read_info(png, info);
    image->width = png_get_image_width(png, info);
    image->height = png_get_image_height(png, info);
    if ((uint64_t)image->width * image->height > pixel_limit) png_error(png, "the image has too many pixels");
    png_byte colour = png_get_color_type(png, info);
    if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (colour == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
    if (png_get_valid(png, info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
    const uint16_t one = 1;
    if (png_get_bit_depth(png, info) == 16 && *(const unsigned char *)&one) png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    image->channels = png_get_channels(png, info);
    image->depth = png_get_bit_depth(png, info);
    size_t row = png_get_rowbytes(png, info);
    image->pixels = malloc(row * image->height);
    rows = malloc(sizeof(png_bytep) * image->height);
    if (!image->pixels || !rows) png_error(png, "not enough memory for the image");
    for (uint32_t y = 0; y < image->height; y++) rows[y] = (png_bytep)image->pixels + y * row;
    png_read_image(png, (png_bytepp)rows);
    png_read_end(png, NULL);
    free((void *)rows);
    png_destroy_read_struct(&png, &info, NULL);
    image->orientation = 1;
    return 1;
}

int image_shim_encode_png(FILE *file, image_shim *image) {
    static const int colours[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                  PNG_COLOR_TYPE_RGB_ALPHA};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, image, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        if (!info) snprintf(image->error, sizeof image->error, "out of memory");
        png_destroy_write_struct(&png, &info);
        return 0;
    }
    png_init_io(png, file);
    png_set_IHDR(png, info, image->width, image->height, image->depth, colours[image->channels], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    const uint16_t one = 1;
    if (image->depth == 16 && *(const unsigned char *)&one) png_set_swap(png);
    size_t row = (size_t)image->width * image->channels * image->depth / 8;
    for (uint32_t y = 0; y < image->height; y++) png_write_row(png, (png_bytep)image->pixels + y * row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return 1;
}
