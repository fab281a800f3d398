# Installs libcimrt.a and its headers. The headers keep their paths from the
# root, so that they find each other: include/cimc/runtime/core/abi.h.
install(TARGETS cimrt ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${CMAKE_CURRENT_LIST_DIR}/cimrt.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cimc/runtime)
install(FILES
  ${CMAKE_CURRENT_LIST_DIR}/core/abi.h
  ${CMAKE_CURRENT_LIST_DIR}/core/arena.h
  ${CMAKE_CURRENT_LIST_DIR}/core/broadcast.h
  ${CMAKE_CURRENT_LIST_DIR}/core/fixed.h
  ${CMAKE_CURRENT_LIST_DIR}/core/fixed_batch.h
  ${CMAKE_CURRENT_LIST_DIR}/core/guard.h
  ${CMAKE_CURRENT_LIST_DIR}/core/half.h
  ${CMAKE_CURRENT_LIST_DIR}/core/pool.h
  ${CMAKE_CURRENT_LIST_DIR}/core/quant.h
  ${CMAKE_CURRENT_LIST_DIR}/core/status.h
  ${CMAKE_CURRENT_LIST_DIR}/core/tensor.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cimc/runtime/core)
# From the .pc file's folder to the prefix: the package can be moved.
file(RELATIVE_PATH CIMRT_PC_TO_PREFIX
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/cimrt.pc.in
  ${CMAKE_CURRENT_BINARY_DIR}/cimrt.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cimrt.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
