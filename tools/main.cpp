#include <cstdio>

int main() {
  std::puts("acklab " ACKLAB_VERSION);
  return 0;
}
