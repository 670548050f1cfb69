#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "image_shims.h"

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf jump;
    image_shim *image;
} error_manager;

typedef struct {
    struct jpeg_progress_mgr base;
    int scan_limit;
} progress_manager;

static void fail(j_common_ptr codec) {
    error_manager *manager = (error_manager *)codec->err;
    char text[JMSG_LENGTH_MAX];
    manager->base.format_message(codec, text);
    snprintf(manager->image->error, sizeof manager->image->error, "%s", text);
    longjmp(manager->jump, 1);
}

// A warning means that the pixels are made up from here on.
static void warn(j_common_ptr codec, int level) {
    if (level < 0) fail(codec);
}

static void silent(j_common_ptr codec) { (void)codec; }

static void watch(j_common_ptr codec) {
    progress_manager *progress = (progress_manager *)codec->progress;
    if (((j_decompress_ptr)codec)->input_scan_number > progress->scan_limit) {
        error_manager *manager = (error_manager *)codec->err;
        snprintf(manager->image->error, sizeof manager->image->error, "more than %d scans", progress->scan_limit);
        longjmp(manager->jump, 1);
    }
}

static void set_errors(error_manager *manager, image_shim *image) {
    jpeg_std_error(&manager->base);
    manager->base.error_exit = fail;
    manager->base.emit_message = warn;
    manager->base.output_message = silent;
    manager->image = image;
}

static unsigned number(const JOCTET *bytes, int count, int little) {
    unsigned value = 0;
    for (int i = 0; i < count; i++) value = value << 8 | bytes[little ? count - 1 - i : i];
    return value;
}

// Tag 0x0112 of the first directory of the first EXIF block.
static int orientation(j_decompress_ptr codec) {
    for (jpeg_saved_marker_ptr marker = codec->marker_list; marker; marker = marker->next) {
        if (marker->marker != JPEG_APP0 + 1 || marker->data_length < 14 || memcmp(marker->data, "Exif\0", 6)) continue;
        const JOCTET *tiff = marker->data + 6;
        size_t size = marker->data_length - 6;
        int little = tiff[0] == 'I';
        size_t directory = number(tiff + 4, 4, little);
        if (directory > size - 2) return 1;
        unsigned entries = number(tiff + directory, 2, little);
        for (size_t entry = directory + 2; entries-- && entry + 12 <= size; entry += 12) {
            if (number(tiff + entry, 2, little) != 0x0112) continue;
            unsigned value = number(tiff + entry + 8, 2, little);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
        return 1;
    }
    return 1;
}

int image_shim_decode_jpeg(FILE *file, uint64_t pixel_limit, int scan_limit, image_shim *image) {
    struct jpeg_decompress_struct codec;
    error_manager errors;
    progress_manager progress = {{0}, scan_limit};
    image->pixels = NULL;
    codec.err = &errors.base;
    set_errors(&errors, image);
    if (setjmp(errors.jump)) {
        jpeg_destroy_decompress(&codec);
        free(image->pixels);
        image->pixels = NULL;
        return 0;
    }
    jpeg_create_decompress(&codec);
    codec.progress = &progress.base;
    progress.base.progress_monitor = watch;
    jpeg_save_markers(&codec, JPEG_APP0 + 1, 0xFFFF);
    jpeg_stdio_src(&codec, file);
    jpeg_read_header(&codec, TRUE);
    if ((uint64_t)codec.image_width * codec.image_height > pixel_limit) {
        snprintf(image->error, sizeof image->error, "the image has too many pixels");
        longjmp(errors.jump, 1);
    }
    image->orientation = orientation(&codec);
    image->cmyk = codec.jpeg_color_space == JCS_CMYK || codec.jpeg_color_space == JCS_YCCK;
    codec.out_color_space =
        image->cmyk ? JCS_CMYK : codec.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&codec);
    image->width = codec.output_width;
    image->height = codec.output_height;
    image->channels = codec.output_components;
    image->depth = 8;
    size_t row = (size_t)image->width * image->channels;
    image->pixels = malloc(row * image->height);
    if (!image->pixels) {
        snprintf(image->error, sizeof image->error, "not enough memory for the image");
        longjmp(errors.jump, 1);
    }
    while (codec.output_scanline < codec.output_height) {
        JSAMPROW line = (JSAMPROW)image->pixels + row * codec.output_scanline;
        jpeg_read_scanlines(&codec, &line, 1);
    }
    jpeg_finish_decompress(&codec);
    jpeg_destroy_decompress(&codec);
    return 1;
}

int image_shim_encode_jpeg(FILE *file, int quality, image_shim *image) {
    struct jpeg_compress_struct codec;
    error_manager errors;
    codec.err = &errors.base;
    set_errors(&errors, image);
    if (setjmp(errors.jump)) {
        jpeg_destroy_compress(&codec);
        return 0;
    }
    jpeg_create_compress(&codec);
    jpeg_stdio_dest(&codec, file);
    codec.image_width = image->width;
    codec.image_height = image->height;
    codec.input_components = image->channels;
    codec.in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, quality, TRUE);
    jpeg_start_compress(&codec, TRUE);
    size_t row = (size_t)image->width * image->channels;
    while (codec.next_scanline < codec.image_height) {
        JSAMPROW line = (JSAMPROW)image->pixels + row * codec.next_scanline;
        jpeg_write_scanlines(&codec, &line, 1);
    }
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    return 1;
}
