// SPDX-License-Identifier: Apache-2.0
//
// The rows of the table of options.
#include "cimc/driver/option_table.h"

#include "cimc/driver/options.h"

#define AT(field) offsetof(cimc_options, field)

// In the order of --help. Kinds of --emit stand in the order of cimc_emit, the
// words of --color in the order of cimc_color.
static const cimc_option_row rows[] = {
    {NULL, "o", CIMC_OPTION_TEXT, AT(output), "FILE", NULL,
     "write here; '-' is standard output. The suffix says what is written: .o "
     ".s .ll .mlir .so .h. Without -o an object goes to STEM.o in the current "
     "folder, anything else to standard output",
     "Output"},
    {"emit", NULL, CIMC_OPTION_CHOICE, AT(emit), "KIND",
     "qgemm|mapped|lowered|llvm|asm|obj|header|shared",
     "qgemm | mapped | lowered | llvm | asm | obj | header | shared (a library "
     "that holds the runtime too, linked by lld or cc)",
     NULL},
    {"name", NULL, CIMC_OPTION_TEXT, AT(name), "SYMBOL", NULL,
     "the model's C symbol (default: from the input's file name)", NULL},
    {"target", NULL, CIMC_OPTION_TEXT, AT(target), "CPU", NULL,
     "the CPU to compile for (default: native); see --list-targets", NULL},
    {"entry", NULL, CIMC_OPTION_TEXT, AT(entry), "FUNC", NULL,
     "the function to compile, where the input has several", NULL},
    {"requant", NULL, CIMC_OPTION_CHOICE, AT(requant), "KIND",
     "float|tflite-ref",
     "rounding of int32 sums to int8: float (default), as ONNX Runtime and "
     "XNNPACK do, or for .tflite tflite-ref, bit for bit as LiteRT's reference "
     "kernels do",
     NULL},

    {"run", NULL, CIMC_OPTION_FLAG, AT(run), NULL, NULL,
     "compile, then run here. An input with N times the model's rows is run as "
     "N calls; the outputs are stacked",
     "Running"},
    {"input", NULL, CIMC_OPTION_LIST, AT(inputs), "[NAME=]FILE.npy", NULL,
     "a value for an input, by position or by name", NULL},
    {"output", NULL, CIMC_OPTION_LIST, AT(outputs), "[NAME=]FILE.npy", NULL,
     "where an output goes, by position or by name", NULL},
    {"random-inputs", NULL, CIMC_OPTION_SEED, AT(random_inputs), "SEED", NULL,
     "fill the inputs that have no file with random values: floats in [-1, 1), "
     "integers over their whole range",
     NULL},
    {"cast", NULL, CIMC_OPTION_FLAG, AT(cast), NULL, NULL,
     "convert inputs whose element type differs from the model's", NULL},
    {"threads", NULL, CIMC_OPTION_COUNT, AT(threads), "N", NULL,
     "threads that the calls of --run are spread over (default: one a core); "
     "results and objects are the same for any number",
     NULL},
    {"labels", NULL, CIMC_OPTION_TEXT, AT(labels), "FILE.npy", NULL,
     "print how many rows have their largest score at the label", NULL},
    {"bench", NULL, CIMC_OPTION_SECONDS, AT(bench), "SECONDS", NULL,
     "time one call for that long (default 1) and show where the time of a "
     "cold start goes; random inputs where none are given",
     NULL},

    {"cache", NULL, CIMC_OPTION_TEXT, AT(cache), "DIR|off", NULL,
     "where compiled models are kept (default: $XDG_CACHE_HOME/cimc or "
     "~/.cache/cimc)",
     "Compiling"},
    {"passes", NULL, CIMC_OPTION_TEXT, AT(passes), "LIST", NULL,
     "run just these passes, e.g. fuse,tile{mr=8}, and print the IR", NULL},
    {"print-after", NULL, CIMC_OPTION_TEXT, AT(print_after), "PASS|all", NULL,
     "print the IR after a pass, on standard error", NULL},
    {"verify-each", NULL, CIMC_OPTION_FLAG, AT(verify_each), NULL, NULL,
     "verify the IR after every pass", NULL},
    {"timing", NULL, CIMC_OPTION_FLAG, AT(timing), NULL, NULL,
     "print how long each pass took", NULL},

    {NULL, "v", CIMC_OPTION_FLAG, AT(verbose), NULL, NULL,
     "say what is being done, on standard error", "Messages"},
    {NULL, "###", CIMC_OPTION_FLAG, AT(dry_run), NULL, NULL,
     "print the phases that would run, and run none", NULL},
    {"color", NULL, CIMC_OPTION_CHOICE, AT(color), "WHEN", "auto|always|never",
     "auto | always | never; auto honours NO_COLOR", NULL},
    {"diagnostics", NULL, CIMC_OPTION_CHOICE, AT(diagnostics), "FORM",
     "text|json", "text | json: one object a line", NULL},
    {"quiet", "q", CIMC_OPTION_FLAG, AT(quiet), NULL, NULL,
     "errors only, no warnings", NULL},
    {"version", NULL, CIMC_OPTION_FLAG, AT(version), NULL, NULL,
     "print the version", NULL},
    {"help", "h", CIMC_OPTION_FLAG, AT(help), NULL, NULL, "print this", NULL},
    {"man", NULL, CIMC_OPTION_FLAG, AT(man), NULL, NULL,
     "print the manual page, for man -l -", NULL},
    {"completion", NULL, CIMC_OPTION_CHOICE, AT(completion), "SHELL",
     "none|bash", "print completion for bash", NULL},
    {"list-ops", NULL, CIMC_OPTION_FLAG, AT(list_ops), NULL, NULL,
     "list the operators that can be imported", NULL},
    {"list-targets", NULL, CIMC_OPTION_FLAG, AT(list_targets), NULL, NULL,
     "list the CPUs of --target", NULL},
    {"list-devices", NULL, CIMC_OPTION_FLAG, AT(list_devices), NULL, NULL,
     "list the accelerators", NULL},
    {"list-passes", NULL, CIMC_OPTION_FLAG, AT(list_passes), NULL, NULL,
     "list the passes of --passes", NULL},
};

const cimc_option_row *cimc_option_at(size_t i) {
  return i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}
