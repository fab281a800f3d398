// SPDX-License-Identifier: Apache-2.0
//
// A user's program: classifies handwritten digits with a network that cimc
// compiled into digits.o. Nothing is loaded at run time but the images.
//
//   classify IMAGES.npy LABELS.npy [LOGITS.bin]
//
// The third argument receives the network's raw outputs, to compare them.
#include "digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The memory the network computes in; it allocates none itself.
static _Alignas(
    CIMRT_WORKSPACE_ALIGNMENT) unsigned char workspace[DIGITS_WORKSPACE_BYTES];

// Reads the data of a .npy file (format 1.0) whose elements are `type`: "<f4"
// or "<i8". Returns malloc'd memory and the number of bytes.
static void *read_npy(const char *path, const char *type, size_t *out_bytes) {
  unsigned char start[10];
  char header[4096];
  FILE *file = fopen(path, "rb");
  if (file == NULL || fread(start, 1, 10, file) != 10 ||
      memcmp(start, "\x93NUMPY\x01", 7) != 0) {
    fprintf(stderr, "%s: no .npy file of format 1.0\n", path);
    exit(1);
  }
  size_t length = start[8] + 256u * start[9];
  if (length >= sizeof header || fread(header, 1, length, file) != length) {
    fprintf(stderr, "%s: cut short\n", path);
    exit(1);
  }
  header[length] = 0;
  if (strstr(header, type) == NULL) {
    fprintf(stderr, "%s: elements are not %s: %s", path, type, header);
    exit(1);
  }
  long here = ftell(file);
  fseek(file, 0, SEEK_END);
  *out_bytes = (size_t)(ftell(file) - here);
  fseek(file, here, SEEK_SET);
  void *data = malloc(*out_bytes + 1);
  if (data == NULL || fread(data, 1, *out_bytes, file) != *out_bytes) {
    fprintf(stderr, "%s: cannot be read\n", path);
    exit(1);
  }
  fclose(file);
  return data;
}

static int largest(const float *logits) {
  int best = 0;
  for (int i = 1; i < DIGITS_LOGITS_ELEMENTS; ++i)
    if (logits[i] > logits[best])
      best = i;
  return best;
}

static void draw(const float *image) {
  for (int y = 0; y < 8; ++y) {
    fputs("    ", stdout);
    for (int x = 0; x < 8; ++x)
      putchar(" .:-=+*#%@"[(int)(image[8 * y + x] * 9.0f)]);
    putchar('\n');
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s IMAGES.npy LABELS.npy [LOGITS.bin]\n", argv[0]);
    return 2;
  }
  size_t image_bytes, label_bytes;
  float *images = read_npy(argv[1], "<f4", &image_bytes);
  int64_t *labels = read_npy(argv[2], "<i8", &label_bytes);
  size_t count = image_bytes / (DIGITS_INPUT_ELEMENTS * sizeof(float));
  if (count != label_bytes / sizeof(int64_t)) {
    fprintf(stderr, "as many labels as images are needed\n");
    return 1;
  }
  FILE *dump = argc > 3 ? fopen(argv[3], "wb") : NULL;
  size_t right = 0;
  for (size_t i = 0; i < count; ++i) {
    const float *image = images + i * DIGITS_INPUT_ELEMENTS;
    float logits[DIGITS_LOGITS_ELEMENTS];
    cimrt_status status = digits(NULL, image, logits, workspace);
    if (status != CIMRT_OK) {
      fprintf(stderr, "the network says: %s\n", cimrt_status_name(status));
      return 1;
    }
    right += largest(logits) == labels[i];
    if (dump != NULL)
      fwrite(logits, sizeof(float), DIGITS_LOGITS_ELEMENTS, dump);
    if (i < 3) {
      draw(image);
      printf("  read as %d, is %d\n", largest(logits), (int)labels[i]);
    }
  }
  printf("%zu of %zu right; %u bytes of working memory\n", right, count,
         (unsigned)cimrt_model_workspace_bytes(&digits_model));
  if (dump != NULL && fclose(dump) != 0)
    return 1;
  free(images);
  free(labels);
  return 0;
}
