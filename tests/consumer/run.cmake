# cmake -DBUILD=... -DCOMPILER=... -DFLAGS=... -DBY=cmake|pkg-config -P run.cmake: installs the library into a prefix inside
# the build, then configures, builds and runs the consumer against it.
set(work ${BUILD}/consumer/${BY})
set(prefix ${work}/prefix)
file(REMOVE_RECURSE ${work})

function(step)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

step(${CMAKE_COMMAND} --install ${BUILD} --component Development --prefix ${prefix})
if(BY STREQUAL "pkg-config")
  file(GLOB_RECURSE found ${prefix}/strata.pc)
  cmake_path(GET found PARENT_PATH pc_folder)
  set(ENV{PKG_CONFIG_PATH} ${pc_folder})
  set(how -DSTRATA_BY_PKG_CONFIG=ON)
else()
  set(how -DCMAKE_PREFIX_PATH=${prefix})
endif()
step(${CMAKE_COMMAND} -G Ninja -S ${CMAKE_CURRENT_LIST_DIR} -B ${work}/build -DCMAKE_CXX_COMPILER=${COMPILER}
     -DCMAKE_CXX_FLAGS=${FLAGS} ${how})
step(${CMAKE_COMMAND} --build ${work}/build)
step(${work}/build/consumer)
