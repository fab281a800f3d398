// SPDX-License-Identifier: Apache-2.0
//
// Damaged ONNX models, and short memory: damage_test [ROUNDS SEED FILE...].
// Whatever the bytes, an import must end in a module that verifies or in an
// error that was reported, and keep no memory. The same where an allocation of
// ours fails.
#include "cimc/import/arena.h"
#include "cimc/import/import.h"
#include "dialect/qgemm.h"
#include "test/cimc/import/starve.h"
#include "test/fuzz/damage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT_IMPORTS 200 // attributes stay in a context as long as it does

// -- Allocations that fail ---------------------------------------------------
// The importer's arena hands many pieces out of one block of memory: each of
// them fails once too. The linker puts these in between (CMakeLists.txt).
void *__real_cimc_arena_alloc(cimc_arena *arena, size_t count, size_t size);
void *__wrap_cimc_arena_alloc(cimc_arena *arena, size_t count, size_t size);
char *__real_cimc_arena_copy_text(cimc_arena *arena, const void *text,
                                  size_t length);
char *__wrap_cimc_arena_copy_text(cimc_arena *arena, const void *text,
                                  size_t length);

void *__wrap_cimc_arena_alloc(cimc_arena *arena, size_t count, size_t size) {
  return starve_next() ? NULL : __real_cimc_arena_alloc(arena, count, size);
}

char *__wrap_cimc_arena_copy_text(cimc_arena *arena, const void *text,
                                  size_t length) {
  return starve_next() ? NULL
                       : __real_cimc_arena_copy_text(arena, text, length);
}

// -- Models ------------------------------------------------------------------
typedef struct bytes {
  const char *path; // whose suffix tells the format where no magic does
  char *data;       // owned, followed by a zero byte
  size_t size;
} bytes;

// Relu of a tensor<1x4xf32>: used when no file is given.
static const char relu[] =
    "\x08\x08"                                          // ir_version
    "\x3a\x2e"                                          // graph
    "\x0a\x0c\x0a\x01x\x12\x01y\x22\x04Relu"            // node
    "\x5a\x13\x0a\x01x\x12\x0e\x0a\x0c\x08\x01\x12\x08" // input
    "\x0a\x02\x08\x01\x0a\x02\x08\x04"
    "\x62\x09\x0a\x01y\x12\x04\x0a\x02\x08\x01" // output
    "\x42\x02\x10\x0d";                         // opset

static bytes copy_of(const char *path, const char *data, size_t size) {
  bytes copy = {.path = path, .data = malloc(size + 1), .size = size};
  if (!copy.data)
    exit(2);
  memcpy(copy.data, data, size);
  copy.data[size] = '\0';
  return copy;
}

static bytes read_file(const char *path) {
  static char buffer[1 << 20];
  FILE *file = fopen(path, "rb");
  if (!file)
    exit(2);
  size_t size = fread(buffer, 1, sizeof buffer, file);
  fclose(file);
  return copy_of(path, buffer, size);
}

// An exact copy, so that a sanitizer sees the first byte beyond.
static bytes damaged_copy(const bytes *model, uint64_t *state) {
  bytes copy = copy_of(model->path, model->data, model->size);
  copy.size = cimc_damage((uint8_t *)copy.data, copy.size, state);
  bytes exact = copy_of(copy.path, copy.data, copy.size);
  free(copy.data);
  return exact;
}

typedef enum outcome { IMPORTED, REPORTED, SILENT, UNSOUND, LEAKED } outcome;

static outcome import(MlirContext context, const bytes *model) {
  cimc_import_input input = {.path = model->path,
                             .bytes = model->data,
                             .size = model->size,
                             .tflite_reference =
                                 strstr(model->path, "exact") != NULL};
  cimc_import_files files;
  long live = starve_live();
  unsigned before = cimc_diag_error_count();
  MlirModule module = cimc_import(context, &input, &files);
  cimc_import_files_free(&files);
  if (starve_live() != live)
    return LEAKED;
  if (mlirModuleIsNull(module))
    return cimc_diag_error_count() > before ? REPORTED : SILENT;
  bool sound = mlirLogicalResultIsSuccess(
      cimc_qgemm_verify(mlirModuleGetOperation(module)));
  mlirModuleDestroy(module);
  return sound ? IMPORTED : UNSOUND;
}

// -- The tests ---------------------------------------------------------------
static bool is_bad(outcome result, const char *what, long round) {
  if (result < SILENT)
    return false;
  printf("%s %ld: %s\n", what, round,
         result == SILENT   ? "failed without an error"
         : result == LEAKED ? "kept memory"
                            : "imported, but does not verify");
  return true;
}

static int damage_models(const bytes *models, size_t count, long rounds,
                         uint64_t state) {
  MlirContext context = cimc_ir_context_create();
  long imported = 0;
  int faults = 0;
  for (long i = 0; i < rounds; i++) {
    if (i % CONTEXT_IMPORTS == CONTEXT_IMPORTS - 1) {
      cimc_ir_context_destroy(context);
      context = cimc_ir_context_create();
    }
    bytes damaged =
        damaged_copy(&models[cimc_damage_random(&state) % count], &state);
    outcome result = import(context, &damaged);
    free(damaged.data);
    imported += result == IMPORTED;
    faults += is_bad(result, "damage", i);
  }
  cimc_ir_context_destroy(context);
  printf("%ld damaged models, %ld of them imported\n", rounds, imported);
  return faults;
}

static int starve_models(const bytes *models, size_t count) {
  MlirContext context = cimc_ir_context_create();
  int faults = 0;
  for (size_t i = 0; i < count; i++) {
    outcome result = REPORTED;
    long n = 0;
    for (; n < 10000 && result != IMPORTED; n++) {
      starve_after(n);
      result = import(context, &models[i]);
      // Nothing failed any more: the import must succeed.
      bool enough = !starve_happened();
      starve_after(-1);
      faults += is_bad(result, "allocation", n);
      if (enough && result != IMPORTED) {
        printf("model %zu is not good to begin with\n", i);
        faults++;
        break;
      }
    }
    printf("%ld allocations\n", n - 1);
  }
  cimc_ir_context_destroy(context);
  return faults;
}

int main(int argc, char **argv) {
  size_t count = argc > 3 ? (size_t)argc - 3 : 1;
  bytes *models = calloc(count, sizeof *models);
  if (!models || !freopen("/dev/null", "w", stderr))
    return 2;
  for (size_t i = 0; i < count; i++)
    models[i] = argc > 3 ? read_file(argv[3 + i])
                         : copy_of("damaged.onnx", relu, sizeof relu - 1);
  int faults = starve_models(models, count);
  faults += damage_models(models, count, argc > 2 ? atol(argv[1]) : 500,
                          argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
  for (size_t i = 0; i < count; i++)
    free(models[i].data);
  free(models);
  return faults > 0;
}
