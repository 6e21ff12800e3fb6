# The house rules of a target: how it is warned about, tested, fuzzed, and which parts of the tree are built.
include_guard(GLOBAL)

if(PROJECT_IS_TOP_LEVEL)
  enable_testing()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  find_program(STRATA_CCACHE ccache)
  mark_as_advanced(STRATA_CCACHE)
  if(STRATA_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${STRATA_CCACHE})
  endif()
endif()
# What has sanitizers cannot be loaded by a program that keeps the object's symbols apart from its own.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
  set(STRATA_SANITIZED ON)
endif()
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

# What g++ 12 believes to see after inlining std::optional, std::string and std::vector, and what cannot happen (an empty
# optional that is read, a string of 2^63 bytes). clang's warnings and the sanitizers look after the same mistakes.
set(STRATA_IMAGINED -Wno-restrict -Wno-array-bounds -Wno-dangling-pointer -Wno-stringop-overread -Wno-stringop-overflow)

# Warnings of the house, the include roots (src/ for "base/...", the top for "sim/..." and "tests/..."), and one meaning of
# floating point on both compilers. Designated initialisers may name only the fields that matter.
function(strata_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers
                         -ffp-contract=off)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fno-semantic-interposition -Wno-maybe-uninitialized
                           "$<$<CONFIG:Release>:${STRATA_IMAGINED}>")
  endif()
  if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
endfunction()

# GoogleTest's headers cost more than most tests do: compiled once, for all test binaries, where a preset wants it.
# Not in the preset that clang-tidy reads.
function(strata_precompile_test_headers target)
  if(NOT STRATA_PRECOMPILE)
    return()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Precompiled, the library's headers no longer count as the system's.
    target_compile_options(${target} PRIVATE ${STRATA_IMAGINED})
  endif()
  get_property(first GLOBAL PROPERTY STRATA_PRECOMPILED)
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
    set_property(GLOBAL PROPERTY STRATA_PRECOMPILED ${target})
  endif()
endfunction()

# strata_test(wire checksum_test.cpp ...): adds files to the test binary of a layer, strata_test_wire. Files named
# *_property_test.cpp need RapidCheck and are left out without it.
function(strata_test layer)
  if(NOT STRATA_BUILD_TESTS)
    return()
  endif()
  set(target strata_test_${layer})
  if(NOT TARGET ${target})
    add_executable(${target})
    strata_warnings(${target})
    target_link_libraries(${target} PRIVATE strata::core GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 TEST_PREFIX ${layer}.
                         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES LABELS ${layer} TIMEOUT 300)
    set(library strata_${layer})
    if(layer STREQUAL "application")
      set(library strata_app)
    endif()
    target_link_libraries(${target} PRIVATE $<TARGET_NAME_IF_EXISTS:${library}>)
    if(NOT ARGN MATCHES "\\.c(;|$)")  # C cannot share what C++ compiled
      strata_precompile_test_headers(${target})
    endif()
  endif()
  foreach(file IN LISTS ARGN)
    if(NOT file MATCHES "_property_test\\.cpp$")
      target_sources(${target} PRIVATE ${file})
    elseif(rapidcheck_FOUND)
      target_sources(${target} PRIVATE ${file})
      target_link_libraries(${target} PRIVATE rapidcheck)
    endif()
  endforeach()
endfunction()

# strata_fuzz(wire_tcp wire_tcp.cpp [libraries...]): a libFuzzer program fuzz_wire_tcp. Its starting inputs
# are the files in corpus/wire_tcp beside it; a test replays them.
function(strata_fuzz name file)
  if(NOT STRATA_BUILD_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} ${file})
  strata_warnings(fuzz_${name})
  target_link_libraries(fuzz_${name} PRIVATE strata::core ${ARGN})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  add_test(NAME fuzz.${name} COMMAND fuzz_${name} -runs=0 ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
endfunction()

# strata_part(folder [NEEDS packages...] [WHEN condition]): builds a folder, or says in one line why it does not.
function(strata_part folder)
  cmake_parse_arguments(PARSE_ARGV 1 part "" "" "NEEDS;WHEN")
  if(part_WHEN AND NOT (${part_WHEN}))
    list(JOIN part_WHEN " " condition)
    message(STATUS "strata: ${folder} is left out: it is for ${condition} only")
    return()
  endif()
  set(missing ${part_NEEDS})
  list(FILTER missing EXCLUDE REGEX "^$")
  foreach(package IN LISTS part_NEEDS)
    if(${package}_FOUND)
      list(REMOVE_ITEM missing ${package})
    endif()
  endforeach()
  if(missing)
    list(JOIN missing ", " missing)
    message(STATUS "strata: ${folder} is left out: not found: ${missing}")
    return()
  endif()
  add_subdirectory(${PROJECT_SOURCE_DIR}/${folder})
  set_property(GLOBAL APPEND PROPERTY STRATA_PARTS ${folder})
endfunction()
