# What `cmake --install` puts where, besides the command and libcimc, which
# cimc/driver installs. Included by the top CMakeLists.txt after the folders.
include(CMakePackageConfigHelpers)
include(runtime/install.cmake)

install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/cimc)

set(CIMC_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/cimc)
configure_package_config_file(cimc/cimcConfig.cmake.in
  ${PROJECT_BINARY_DIR}/cimcConfig.cmake
  INSTALL_DESTINATION ${CIMC_PACKAGE_DIR}
  PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR
            CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/cimcConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/cimcConfig.cmake
  ${PROJECT_BINARY_DIR}/cimcConfigVersion.cmake
  DESTINATION ${CIMC_PACKAGE_DIR})

file(RELATIVE_PATH CIMC_PC_TO_PREFIX
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cimc/cimc.pc.in ${PROJECT_BINARY_DIR}/cimc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cimc.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
