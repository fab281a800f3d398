// SPDX-License-Identifier: Apache-2.0
//
// C identifiers from file stems and tensor names.
#include "cimc/emit/identifier.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

// Locale-free: the names of symbols must not depend on the environment.
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_word(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c) || c == '_';
}

// Keywords of C11 and C++20, then names our headers and objects use. Names
// that begin with an underscore are refused by rule, not listed.
static const char *const reserved_names[] = {
    "alignas",      "alignof",      "and",         "and_eq",
    "asm",          "auto",         "bitand",      "bitor",
    "bool",         "break",        "case",        "catch",
    "char",         "char16_t",     "char32_t",    "char8_t",
    "class",        "co_await",     "co_return",   "co_yield",
    "compl",        "concept",      "const",       "const_cast",
    "consteval",    "constexpr",    "constinit",   "continue",
    "decltype",     "default",      "delete",      "do",
    "double",       "dynamic_cast", "else",        "enum",
    "explicit",     "export",       "extern",      "false",
    "float",        "for",          "friend",      "goto",
    "if",           "inline",       "int",         "long",
    "mutable",      "namespace",    "new",         "noexcept",
    "not",          "not_eq",       "nullptr",     "operator",
    "or",           "or_eq",        "private",     "protected",
    "public",       "register",     "requires",    "reinterpret_cast",
    "restrict",     "return",       "short",       "signed",
    "sizeof",       "static",       "static_cast", "static_assert",
    "struct",       "switch",       "template",    "this",
    "thread_local", "throw",        "true",        "try",
    "typedef",      "typeid",       "typename",    "typeof",
    "union",        "unsigned",     "using",       "virtual",
    "void",         "volatile",     "wchar_t",     "while",
    "xor",          "xor_eq",       "int8_t",      "uint8_t",
    "int16_t",      "uint16_t",     "int32_t",     "uint32_t",
    "int64_t",      "uint64_t",     "size_t",      "intptr_t",
    "uintptr_t",    "ptrdiff_t",    "linux",       "unix",
    "main",         "memcpy",       "memset",      "memmove",
    "malloc",       "free",         "stdin",       "stdout",
    "stderr",       "errno",        "assert",
};

static bool is_reserved(const char *text) {
  size_t count = sizeof(reserved_names) / sizeof(reserved_names[0]);
  for (size_t i = 0; i < count; ++i)
    if (strcmp(text, reserved_names[i]) == 0)
      return true;
  return strncasecmp(text, "cimrt_", 6) == 0;
}

bool cimc_identifier_is_symbol(const char *text) {
  size_t length = strlen(text);
  if (length == 0 || length >= CIMC_IDENTIFIER_MAX)
    return false;
  if (is_digit(text[0]) || text[0] == '_')
    return false;
  for (size_t i = 0; i < length; ++i)
    if (!is_word(text[i]) || (text[i] == '_' && text[i + 1] == '_'))
      return false; // two underscores in a row belong to C++
  return !is_reserved(text);
}

// Every run of characters no identifier may hold becomes one underscore;
// none at either end. Leaves room for a prefix or suffix.
static cimc_identifier sanitize(const char *text, size_t length) {
  cimc_identifier out = {{0}};
  size_t used = 0;
  for (size_t i = 0; i < length && used < CIMC_IDENTIFIER_MAX - 32; ++i) {
    char c = is_word(text[i]) ? text[i] : '_';
    if (c == '_' && (used == 0 || out.text[used - 1] == '_'))
      continue;
    out.text[used++] = c;
  }
  while (used > 0 && out.text[used - 1] == '_')
    out.text[--used] = 0;
  return out;
}

static void add_affixes(cimc_identifier *name, const char *prefix,
                        const char *suffix) {
  cimc_identifier old = *name;
  snprintf(name->text, sizeof(name->text), "%s%.*s%s", prefix,
           CIMC_IDENTIFIER_MAX - 32, old.text, suffix);
}

cimc_identifier cimc_identifier_symbol(const char *text, size_t length) {
  cimc_identifier out = sanitize(text, length);
  if (out.text[0] == 0)
    add_affixes(&out, "model", "");
  else if (is_digit(out.text[0]) || strncasecmp(out.text, "cimrt_", 6) == 0)
    add_affixes(&out, "model_", "");
  else if (is_reserved(out.text))
    add_affixes(&out, "", "_model");
  return out;
}

cimc_identifier cimc_identifier_parameter(const char *text, size_t length,
                                          const char *fallback) {
  cimc_identifier out = sanitize(text, length);
  if (out.text[0] == 0)
    add_affixes(&out, fallback, "");
  if (is_digit(out.text[0]) || strncasecmp(out.text, "cimrt_", 6) == 0)
    add_affixes(&out, "t_", "");
  // Names all in capitals may be macros (NULL, EOF, I, INT8_MAX).
  bool has_lower = false;
  for (const char *c = out.text; *c; ++c)
    has_lower |= is_lower(*c);
  for (char *c = out.text; *c && !has_lower; ++c)
    *c = is_upper(*c) ? (char)(*c - 'A' + 'a') : *c;
  if (is_reserved(out.text))
    add_affixes(&out, "", "_tensor");
  return out;
}

void cimc_identifier_make_unique(cimc_identifier *name,
                                 const cimc_identifier *taken, size_t count) {
  cimc_identifier base = *name;
  for (size_t suffix = 1, i = 0; i < count;) {
    if (strcasecmp(name->text, taken[i].text) != 0) {
      ++i;
      continue;
    }
    char number[24];
    snprintf(number, sizeof(number), "_%zu", suffix++);
    *name = base;
    add_affixes(name, "", number);
    i = 0;
  }
}

cimc_identifier cimc_identifier_upper(const char *text) {
  cimc_identifier out = {{0}};
  for (size_t i = 0; text[i] && i < CIMC_IDENTIFIER_MAX - 1; ++i)
    out.text[i] = is_lower(text[i]) ? (char)(text[i] - 'a' + 'A') : text[i];
  return out;
}
