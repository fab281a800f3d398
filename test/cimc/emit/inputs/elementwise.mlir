// What compilers like to turn into calls, element by element: rounding, square
// roots, powers; on 32-bit processors all divisions and conversions of 64 bits.
!q = !quant.uniform<i16:f32, 0.5>
func.func @main(%x: tensor<7x5xf32>, %i: tensor<7x5xi32>, %l: tensor<7x5xi64>, %s: tensor<7x5xi16>) -> (tensor<7x5xf32>, tensor<7x5x!q>, tensor<7x5xi64>, tensor<7x5xi8>, tensor<7x5xi32>) {
  %0 = "qgemm.abs"(%x) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %1 = "qgemm.sqrt"(%0) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %2 = "qgemm.rsqrt"(%1) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %3 = "qgemm.log"(%2) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %4 = "qgemm.exp"(%3) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %5 = "qgemm.pow"(%4, %x) : (tensor<7x5xf32>, tensor<7x5xf32>) -> tensor<7x5xf32>
  %6 = "qgemm.erf"(%5) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %7 = "qgemm.sin"(%6) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %8 = "qgemm.cos"(%7) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %9 = "qgemm.floor"(%x) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %10 = "qgemm.ceil"(%x) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %11 = "qgemm.round"(%x) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %12 = "qgemm.min"(%9, %10) : (tensor<7x5xf32>, tensor<7x5xf32>) -> tensor<7x5xf32>
  %13 = "qgemm.max"(%11, %12) : (tensor<7x5xf32>, tensor<7x5xf32>) -> tensor<7x5xf32>
  %14 = "qgemm.div"(%13, %8) : (tensor<7x5xf32>, tensor<7x5xf32>) -> tensor<7x5xf32>
  %15 = "qgemm.sign"(%14) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %16 = "qgemm.neg"(%15) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %17 = "qgemm.reciprocal"(%16) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %18 = "qgemm.hard_swish"(%17) : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %19 = "qgemm.gelu"(%18) {tanh = true} : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %20 = "qgemm.gelu"(%19) {tanh = false} : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %21 = "qgemm.elu"(%20) {alpha = 1.0 : f32} : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %22 = "qgemm.leaky_relu"(%21) {alpha = 0.1 : f32} : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %23 = "qgemm.hard_sigmoid"(%22) {alpha = 0.2 : f32, beta = 0.5 : f32} : (tensor<7x5xf32>) -> tensor<7x5xf32>
  %24 = "qgemm.quantize"(%23) : (tensor<7x5xf32>) -> tensor<7x5x!q>
  %25 = "qgemm.exp"(%24) : (tensor<7x5x!q>) -> tensor<7x5x!q>
  %26 = "qgemm.div"(%25, %24) : (tensor<7x5x!q>, tensor<7x5x!q>) -> tensor<7x5x!q>
  %27 = "qgemm.div"(%l, %l) : (tensor<7x5xi64>, tensor<7x5xi64>) -> tensor<7x5xi64>
  %28 = "qgemm.mul"(%27, %l) : (tensor<7x5xi64>, tensor<7x5xi64>) -> tensor<7x5xi64>
  %29 = "qgemm.shift_left"(%28, %l) : (tensor<7x5xi64>, tensor<7x5xi64>) -> tensor<7x5xi64>
  %30 = "qgemm.shift_right"(%29, %l) : (tensor<7x5xi64>, tensor<7x5xi64>) -> tensor<7x5xi64>
  %31 = "qgemm.max"(%30, %l) : (tensor<7x5xi64>, tensor<7x5xi64>) -> tensor<7x5xi64>
  %32 = "qgemm.cast"(%31) : (tensor<7x5xi64>) -> tensor<7x5xf32>
  %33 = "qgemm.cast"(%32) : (tensor<7x5xf32>) -> tensor<7x5xi64>
  %34 = "qgemm.div"(%i, %i) : (tensor<7x5xi32>, tensor<7x5xi32>) -> tensor<7x5xi32>
  %35 = "qgemm.cast"(%x) : (tensor<7x5xf32>) -> tensor<7x5xi32>
  %36 = "qgemm.add"(%34, %35) : (tensor<7x5xi32>, tensor<7x5xi32>) -> tensor<7x5xi32>
  %37 = "qgemm.rescale"(%36) {multipliers = array<i64: 1518500250, 1518500250, 1073741824, 1518500250, 1073741825>, shifts = array<i64: 35, 36, 37, 38, 62>, input_zp = 0 : i64, output_zp = 3 : i64, rounding = "double"} : (tensor<7x5xi32>) -> tensor<7x5xi8>
  %38 = "qgemm.rescale"(%i) {multipliers = array<i64: 1518500250>, shifts = array<i64: 20>, input_zp = 1 : i64, output_zp = 0 : i64, rounding = "single"} : (tensor<7x5xi32>) -> tensor<7x5xi32>
  %39 = "qgemm.div"(%s, %s) : (tensor<7x5xi16>, tensor<7x5xi16>) -> tensor<7x5xi16>
  %t = "qgemm.constant"() {value = dense<5> : tensor<513xi16>} : () -> tensor<513xi16>
  %40 = "qgemm.table"(%39, %t) : (tensor<7x5xi16>, tensor<513xi16>) -> tensor<7x5xi32>
  %41 = "qgemm.compare"(%40, %38) {predicate = "lt"} : (tensor<7x5xi32>, tensor<7x5xi32>) -> tensor<7x5xui8>
  %42 = "qgemm.select"(%41, %40, %38) : (tensor<7x5xui8>, tensor<7x5xi32>, tensor<7x5xi32>) -> tensor<7x5xi32>
  return %23, %26, %33, %37, %42 : tensor<7x5xf32>, tensor<7x5x!q>, tensor<7x5xi64>, tensor<7x5xi8>, tensor<7x5xi32>
}
