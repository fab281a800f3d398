// The text of --passes.
// RUN: %cimc %s --passes='canonicalize,fold{dequantize=1 budget_bytes=100},cleanup' --emit=qgemm -o - | FileCheck %s
// RUN: %cimc %s --passes=' canonicalize , fold{dequantize=1,budget_bytes=100} , cleanup' --emit=qgemm -o - | FileCheck %s
// RUN: not %cimc %s --passes=canonicalise --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not %cimc %s --passes='cleanup{hard=1}' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not %cimc %s --passes='fold{budget=1}' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not %cimc %s --passes='fold{dequantize}' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not %cimc %s --passes='fold{dequantize=1' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=OPEN
// RUN: not %cimc %s --passes='fold{dequantize=1}fold' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=COMMA
// RUN: not %cimc %s --passes='fold,,cleanup' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not %cimc %s --passes='fold,' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=LAST
// RUN: not %cimc %s --passes='fold cleanup' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=SPACE
// RUN: not %cimc %s --print-after=fuze --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=PRINT

// NAME: error: --passes: there is no pass 'canonicalise'; expected one of raise, infer_shapes, {{.*}}to_llvm
// NONE: error: --passes: pass 'cleanup' has no option 'hard'; expected none
// OPTION: error: --passes: pass 'fold' has no option 'budget'; expected one of budget_bytes, dequantize
// VALUE: error: --passes: 'dequantize' in the options of 'fold'; expected name=value
// OPEN: error: --passes: the options of 'fold' do not end; expected '}'
// COMMA: error: --passes: 'fold' after 'fold'; expected ','
// EMPTY: error: --passes: a name is missing; expected name,name{option=value}
// LAST: error: --passes: a name is missing; expected name,name{option=value}
// SPACE: error: --passes: 'cleanup' after 'fold'; expected ','
// PRINT: error: --print-after: there is no pass 'fuze'; expected one of raise, infer_shapes

// CHECK-LABEL: func.func @main
func.func @main() -> tensor<2xf32> {
  // CHECK-NEXT: "qgemm.constant"() {value = dense<[1.000000e+00, 2.500000e+00]> : tensor<2xf32>}
  // CHECK-NEXT: return
  %c = "qgemm.constant"() {value = dense<[0, 3]> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<i8:f32, 0.5:-2>>
  %0 = "qgemm.dequantize"(%c) : (tensor<2x!quant.uniform<i8:f32, 0.5:-2>>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
