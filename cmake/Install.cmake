# What an operator and an embedder get: two programs, the libraries with their headers, the unit file.

include(CMakePackageConfigHelpers)

set(MESHDNS_INSTALLED meshdns_api meshdns_zones_text meshdns_zones_template meshdns_zones_vips meshdns_zones_kuma
  meshdns_zones meshdns_base meshdns_wire meshdns_answer meshdns_cache meshdns_forward meshdns_plugin
  meshdns_corefile meshdns_admin meshdns_inspect meshdns_server meshdns_redirect)

install(TARGETS meshdns RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Also by itself, for hosts that need no server: cmake --install BUILD --component redirect
install(TARGETS meshdns-redirect RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT redirect)
configure_file(redirect/app/meshdns-redirect.service.in ${PROJECT_BINARY_DIR}/meshdns-redirect.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/meshdns-redirect.service DESTINATION lib/systemd/system COMPONENT redirect)
install(TARGETS ${MESHDNS_INSTALLED} EXPORT meshdns-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT meshdns-targets NAMESPACE meshdns:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/meshdns)
install(FILES dns/app/meshdns.service dns/app/meshdns.socket DESTINATION lib/systemd/system)
install(FILES zones/schema/mesh-zone.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/meshdns)

configure_package_config_file(cmake/meshdns-config.cmake.in ${PROJECT_BINARY_DIR}/meshdns-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/meshdns)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/meshdns-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/meshdns-config.cmake ${PROJECT_BINARY_DIR}/meshdns-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/meshdns)
