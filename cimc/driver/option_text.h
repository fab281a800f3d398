// SPDX-License-Identifier: Apache-2.0
//
// What users read of the options, on stdout.
#ifndef CIMC_DRIVER_OPTION_TEXT_H
#define CIMC_DRIVER_OPTION_TEXT_H

// --help
void cimc_option_text_help(void);
// --man: a page for man(1), in roff
void cimc_option_text_man(void);
// --completion=bash
void cimc_option_text_completion(void);

#endif
