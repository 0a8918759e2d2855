// The owner of the precompiled tests/support/headers.h: CMake wants a target with a source.
