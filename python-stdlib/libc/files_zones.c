// The files of time zones, for musl's code: a map is a copy.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// More than any file of a zone has.
#define LARGEST_ZONE (1 << 20)

const unsigned char *__map_file(const char *path, size_t *size);
void __unmap_file(const unsigned char *map);

const unsigned char *__map_file(const char *path, size_t *size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return NULL;
  }
  struct stat stat;
  size_t done = 0;
  unsigned char *map = NULL;
  if (fstat(file, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size > 0 && stat.st_size <= LARGEST_ZONE) {
    *size = (size_t)stat.st_size;
    map = malloc(*size);
  }
  while (map && done < *size) {
    ssize_t count = read(file, map + done, *size - done);
    if (count <= 0) {
      free(map);
      map = NULL;
    } else {
      done += (size_t)count;
    }
  }
  close(file);
  return map;
}

void __unmap_file(const unsigned char *map) { free((void *)map); }
