// --entry chooses among several functions; the others leave no trace.
// RUN: %cimc %s --entry=left --target=x86-64-v3 -o - --emit=qgemm | FileCheck %s --check-prefix=LEFT
// RUN: not %cimc %s -o %t.o 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not %cimc %s --entry=centre -o %t.o 2>&1 | FileCheck %s --check-prefix=CENTRE

// LEFT: func.func @left
// LEFT-NOT: @right
// NONE: entry.mlir: error: no function to compile; expected one public func.func or one named 'main'
// NONE: note: there is 'left'
// NONE: note: there is 'right'
// NONE: note: --entry=NAME chooses among several
// CENTRE: error: --entry=centre: no function has this name
// CENTRE: note: there is 'left'
// CENTRE: note: there is 'right'
func.func @left(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = "qgemm.relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func @right(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = "qgemm.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
