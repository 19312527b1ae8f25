# cmake --install: headers, library, CLI, and a package that find_package(qgraph) finds.
include(CMakePackageConfigHelpers)

install(TARGETS qgraph EXPORT qgraphTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/qgraph DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/qgraph)
install(EXPORT qgraphTargets NAMESPACE qgraph:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/qgraphConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/qgraphConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/qgraphConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/qgraphConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/qgraphConfigVersion.cmake DESTINATION ${package_dir})
