# `cmake --install`: strata::core and, where there is a host, strata::device, with their headers; found by
# find_package(strata) and by pkg-config (`strata`, `strata-device`). The component Development is just these.
include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(component COMPONENT Development)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/strata)

set(pc_more_flags " -std=c++23")
set(pc_more_libraries "")

# strata_install_library(target name description [names of the packages it needs])
function(strata_install_library target pc_name pc_description)
  install(TARGETS ${target} EXPORT strataTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} ${component}
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ${component})
  get_target_property(pc_library ${target} OUTPUT_NAME)
  set(pc_requires ${ARGN})
  file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/strata.pc.in ${pc_name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${pc_name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig ${component})
endfunction()

strata_install_library(strata_core strata "${PROJECT_DESCRIPTION}")
if(TARGET strata_device)
  set_target_properties(strata_device PROPERTIES EXPORT_NAME device OUTPUT_NAME strata-device)
  strata_install_library(strata_device strata-device "Devices, captures and a reactor for strata on Linux" strata)
endif()

if(TARGET strata_sockets)
  set_target_properties(strata_posix PROPERTIES EXPORT_NAME posix OUTPUT_NAME strata-posix)
  strata_install_library(strata_posix strata-posix "BSD sockets over a stack" strata)
  set_target_properties(strata_sockets PROPERTIES EXPORT_NAME sockets OUTPUT_NAME strata-sockets)
  # A C program wants no flags of C++, so it does not hear of the others' files.
  set(pc_more_flags "")
  set(pc_more_libraries " -lstrata-posix -lstrata-device -lstrata -lstdc++ -pthread")
  strata_install_library(strata_sockets strata-sockets "strata's sockets for C (strata/strata.h)")
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${component})
install(EXPORT strataTargets NAMESPACE strata:: DESTINATION ${config_dir} ${component})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/strataConfig.cmake.in strataConfig.cmake
                              INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(strataConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/strataConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/strataConfigVersion.cmake
        DESTINATION ${config_dir} ${component})
if(TARGET strata)
  install(TARGETS strata RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Runtime)
endif()
if(TARGET strata_packetdrill)
  install(TARGETS strata_packetdrill LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Runtime)
endif()
