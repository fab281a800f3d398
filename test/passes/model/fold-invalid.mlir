// Options of fold that make no sense.
// RUN: not %cimc %s --passes='fold{budget_bytes=-1}' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=LOW
// RUN: not %cimc %s --passes='fold{dequantize=yes}' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not %cimc %s --passes='fold{budget=1}' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=NAME

// LOW: error: pass 'fold': option budget_bytes=-1; expected a whole number from 0 to
// WORD: error: pass 'fold': option dequantize=yes; expected a whole number from 0 to 1
// NAME: error: --passes: pass 'fold' has no option 'budget'; expected one of budget_bytes, dequantize
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
