// SPDX-License-Identifier: Apache-2.0
//
// What users read of the options: --help, the manual page and the shell's
// completion, all from the one table.
#include "cimc/driver/option_text.h"

#include "cimc/driver/option_table.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 24 };

static const char *const examples[] = {
    "cimc net.onnx -o net.o",
    "cimc net.tflite --emit=header -o net.h",
    "cimc net.onnx --run --input=x.npy --output=y.npy",
};
#define EXAMPLES (sizeof examples / sizeof *examples)

// The option with its argument, as a user would write it: "-o FILE".
static void spell(const cimc_option_row *row, char *left, size_t size) {
  left[0] = '\0';
  size_t used = 0;
  if (row->letter)
    used += (size_t)snprintf(left, size, "-%s%s", row->letter,
                             row->name ? ", " : "");
  if (row->name)
    used += (size_t)snprintf(left + used, size - used, "--%s", row->name);
  if (row->argument)
    snprintf(left + used, size - used,
             row->kind == CIMC_OPTION_SECONDS ? "[=%s]"
             : row->name                      ? "=%s"
                                              : " %s",
             row->argument);
}

// -- Help -------------------------------------------------------------------
// Wraps a text at spaces; it begins in column HELP_COLUMN.
static void print_wrapped(const char *text) {
  enum { WIDTH = 80 - HELP_COLUMN };
  while (strlen(text) > WIDTH) {
    int length = WIDTH;
    while (text[length] != ' ')
      --length;
    printf("%.*s\n%*s", length, text, HELP_COLUMN, "");
    text += length + 1;
  }
  puts(text);
}

static void print_row(const cimc_option_row *row) {
  char left[64];
  spell(row, left, sizeof left);
  printf("  %-*s", HELP_COLUMN - 2, left);
  if (strlen(left) > HELP_COLUMN - 3)
    printf("\n%*s", HELP_COLUMN, "");
  print_wrapped(row->help);
}

void cimc_option_text_help(void) {
  size_t i = 0;
  printf("usage: cimc [options] INPUT\n\n"
         "Compiles a neural network to native code. INPUT is an .onnx,\n"
         ".tflite or .mlir file; '-' is .mlir on standard input.\n");
  for (const cimc_option_row *row = cimc_option_at(0); row;
       row = cimc_option_at(++i)) {
    if (row->group)
      printf("\n%s:\n", row->group);
    print_row(row);
  }
  printf("\nExamples:\n");
  for (size_t k = 0; k < EXAMPLES; ++k)
    printf("  %s\n", examples[k]);
  printf("\nExit code: 0 done, 1 the input is wrong, 2 wrong usage, 3 a fault "
         "of cimc.\n");
}

// -- Manual page -------------------------------------------------------------
// Text as roff wants it: no dash, backslash or leading dot of its own.
static void put_roff(const char *text) {
  for (const char *c = text; *c; ++c) {
    if (*c == '-')
      fputs("\\-", stdout);
    else if (*c == '\\')
      fputs("\\e", stdout);
    else if ((*c == '.' || *c == '\'') && (c == text || c[-1] == '\n'))
      printf("\\&%c", *c);
    else
      putchar(*c);
  }
}

static void put_roff_options(void) {
  const cimc_option_row *row;
  for (size_t i = 0; (row = cimc_option_at(i)) != NULL; ++i) {
    char left[64];
    spell(row, left, sizeof left);
    if (row->group)
      printf(".SS %s\n", row->group);
    fputs(".TP\n.B ", stdout);
    put_roff(left);
    putchar('\n');
    put_roff(row->help);
    putchar('\n');
  }
}

void cimc_option_text_man(void) {
  static const char *const sections[] = {
      ".SH EXIT STATUS\n0: done. 1: the input is wrong. 2: wrong usage. 3: a "
      "fault of cimc.\n",
      ".SH ENVIRONMENT\n.TP\n.B XDG_CACHE_HOME\nWhere the folder cimc of "
      "compiled models is, unless\n.B \\-\\-cache\nsays so.\n.TP\n.B "
      "NO_COLOR\nNo colour in diagnostics.\n.TP\n.B CIMC_ISA\nThe best CPU "
      "level of this machine that is used, by its name in\n.BR "
      "\\-\\-list\\-targets .\n",
      ".SH FILES\nAn output file appears whole or not at all. Compiled models "
      "are kept in ~/.cache/cimc and may be deleted at any time.\n",
  };
  printf(".TH CIMC 1 \"\" \"cimc\" \"User Commands\"\n"
         ".SH NAME\ncimc \\- compile neural networks to native code\n"
         ".SH SYNOPSIS\n.B cimc\n[options] INPUT\n"
         ".SH DESCRIPTION\nReads a neural network (.onnx, .tflite or .mlir; "
         "\\- is .mlir on standard input) and writes an object file for a CPU, "
         "or runs it here.\n.SH OPTIONS\n");
  put_roff_options();
  for (size_t i = 0; i < sizeof sections / sizeof *sections; ++i)
    fputs(sections[i], stdout);
  fputs(".SH EXAMPLES\n", stdout);
  for (size_t i = 0; i < EXAMPLES; ++i) {
    fputs(".PP\n.nf\n", stdout);
    put_roff(examples[i]);
    fputs("\n.fi\n", stdout);
  }
}

// -- Completion --------------------------------------------------------------
// What stands behind the option's '=', as a command of bash that fills in
// COMPREPLY; null: nothing that can be known.
static const char *completer(const cimc_option_row *row) {
  const char *argument = row->argument ? row->argument : "";
  if (row->choices)
    return NULL; // the words themselves
  if (strstr(argument, "FILE"))
    return "COMPREPLY=($(compgen -f -- \"$cur\"))";
  if (strstr(argument, "DIR"))
    return "COMPREPLY=($(compgen -d -W off -- \"$cur\"))";
  if (strcmp(argument, "CPU") == 0)
    return "COMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" --list-targets "
           "2>/dev/null | cut -d' ' -f1)\" -- \"$cur\"))";
  if (strstr(argument, "PASS") || strcmp(argument, "LIST") == 0)
    return "COMPREPLY=($(compgen -W \"all $(\"${COMP_WORDS[0]}\" --list-passes "
           "2>/dev/null | grep -v '^ ' | cut -d' ' -f1)\" -- \"$cur\"))";
  return NULL;
}

static void put_value_cases(void) {
  const cimc_option_row *row;
  for (size_t i = 0; (row = cimc_option_at(i)) != NULL; ++i) {
    const char *command = completer(row);
    if (!command && !row->choices)
      continue;
    fputs("  ", stdout);
    if (row->letter)
      printf("-%s%s", row->letter, row->name ? "|" : "");
    printf("%s%s) ", row->name ? "--" : "", row->name ? row->name : "");
    if (command) {
      printf("%s; return ;;\n", command);
      continue;
    }
    fputs("COMPREPLY=($(compgen -W \"", stdout);
    for (const char *c = row->choices; *c; ++c)
      putchar(*c == '|' ? ' ' : *c);
    fputs("\" -- \"$cur\")); return ;;\n", stdout);
  }
}

void cimc_option_text_completion(void) {
  fputs("# bash completion for cimc; written by cimc --completion=bash\n"
        "_cimc() {\n"
        "  local cur=${COMP_WORDS[COMP_CWORD]} option=\n"
        "  COMPREPLY=()\n"
        "  # bash splits words at '='.\n"
        "  if [[ $cur == '=' ]]; then\n"
        "    option=${COMP_WORDS[COMP_CWORD-1]} cur=\n"
        "  elif [[ ${COMP_WORDS[COMP_CWORD-1]} == '=' ]]; then\n"
        "    option=${COMP_WORDS[COMP_CWORD-2]}\n"
        "  elif [[ ${COMP_WORDS[COMP_CWORD-1]} == -o ]]; then\n"
        "    option=-o\n"
        "  fi\n"
        "  case $option in\n",
        stdout);
  put_value_cases();
  fputs("  esac\n"
        "  if [[ -n $option ]]; then\n"
        "    return\n"
        "  fi\n"
        "  if [[ $cur != -* ]]; then\n"
        "    COMPREPLY=($(compgen -d -- \"$cur\")\n"
        "      $(compgen -f -X '!*.mlir' -- \"$cur\")\n"
        "      $(compgen -f -X '!*.onnx' -- \"$cur\")\n"
        "      $(compgen -f -X '!*.tflite' -- \"$cur\"))\n"
        "    return\n"
        "  fi\n"
        "  COMPREPLY=($(compgen -W '",
        stdout);
  const cimc_option_row *row;
  for (size_t i = 0; (row = cimc_option_at(i)) != NULL; ++i) {
    if (row->letter)
      printf("-%s ", row->letter);
    if (row->name)
      printf("--%s%s ", row->name,
             row->argument && row->kind != CIMC_OPTION_SECONDS ? "=" : "");
  }
  fputs("' -- \"$cur\"))\n"
        "  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then\n"
        "    compopt -o nospace\n"
        "  fi\n"
        "}\n"
        "complete -o filenames -F _cimc cimc\n",
        stdout);
}
