// SPDX-License-Identifier: Apache-2.0
//
// C identifiers from file stems and tensor names: valid in C11 and C++, not
// reserved, unique where asked.
#ifndef CIMC_EMIT_IDENTIFIER_H
#define CIMC_EMIT_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

// Longer names are cut: linkers take them, people do not.
#define CIMC_IDENTIFIER_MAX 128

typedef struct cimc_identifier {
  char text[CIMC_IDENTIFIER_MAX];
} cimc_identifier;

// Whether `text` may be a global C symbol: an identifier that no C11 or C++
// keyword, `main`, the runtime or what the object itself calls takes.
bool cimc_identifier_is_symbol(const char *text);

// A symbol from any text: "2-layer net" -> "model_2_layer_net", "int" ->
// "int_model", "" -> "model".
cimc_identifier cimc_identifier_symbol(const char *text, size_t length);

// A parameter's name from any text; `fallback` where nothing is left of it.
cimc_identifier cimc_identifier_parameter(const char *text, size_t length,
                                          const char *fallback);

// Appends _1, _2, … until none of the `count` names in `taken` is equal,
// whatever the case (so that macros made of them differ too).
void cimc_identifier_make_unique(cimc_identifier *name,
                                 const cimc_identifier *taken, size_t count);

// The name in capitals, for macros.
cimc_identifier cimc_identifier_upper(const char *text);

#endif
