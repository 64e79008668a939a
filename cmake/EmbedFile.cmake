# meshdns_embed(TARGET FILE SYMBOL): makes FILE's text available in TARGET as `extern const char SYMBOL[]`.
function(meshdns_embed target file symbol)
  get_filename_component(path ${file} ABSOLUTE)
  file(READ ${path} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp)
  file(CONFIGURE OUTPUT ${out} CONTENT
    "extern const char ${symbol}[];\nconst char ${symbol}[] = R\"embedded(${text})embedded\";\n" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
