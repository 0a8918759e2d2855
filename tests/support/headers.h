// Included before every test (tests/CMakeLists.txt): the large headers of the library, which take
// longer to read than most tests to compile.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>
