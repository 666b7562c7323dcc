// Waiting for several things at once.
#include "preview1.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { NANOSECONDS_IN_MILLISECOND = 1000000 };

// Nanoseconds from now until a clock's subscription is due, or an error number.
static int32_t due_in(const subscription_t *wanted, uint64_t *nanoseconds) {
  if (wanted->clock.id > 1) {
    return EINVAL;
  }
  *nanoseconds = wanted->clock.timeout;
  if (wanted->clock.flags & CLOCK_ABSOLUTE) {
    struct timespec time;
    if (clock_gettime(wanted->clock.id == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &time) != 0) {
      return errno;
    }
    uint64_t now = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    *nanoseconds = wanted->clock.timeout > now ? wanted->clock.timeout - now : 0;
  }
  return 0;
}

static event_t event_for(const subscription_t *wanted) {
  return (event_t){.userdata = wanted->userdata, .type = wanted->type};
}

// Sleeps until the earliest clock, if there is nothing else to wait for.
static int32_t sleep_for(uint64_t nanoseconds) {
  struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1000000000u), .tv_nsec = (long)(nanoseconds % 1000000000u)};
  return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static int32_t wait(struct pollfd *fds, uint32_t fd_count, bool has_clock, uint64_t earliest, int *ready) {
  *ready = 0;
  if (fd_count == 0) {
    return sleep_for(earliest);
  }
  uint64_t milliseconds = earliest / NANOSECONDS_IN_MILLISECOND + (earliest % NANOSECONDS_IN_MILLISECOND != 0);
  int timeout = !has_clock ? -1 : milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
  *ready = poll(fds, fd_count, timeout);
  return *ready < 0 ? errno : 0;
}

PREVIEW1(poll_oneoff)(const subscription_t *wanted, event_t *events, uint32_t count, uint32_t *out) {
  *out = 0;
  if (count == 0) {
    return EINVAL;
  }
  struct pollfd *fds = calloc(count, sizeof *fds);
  if (!fds) {
    return ENOMEM;
  }
  uint32_t fd_count = 0;
  uint64_t earliest = UINT64_MAX;
  bool has_clock = false;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t due = 0;
    int32_t error = 0;
    switch (wanted[i].type) {
    case EVENT_CLOCK:
      error = due_in(&wanted[i], &due);
      has_clock = true;
      earliest = !error && due < earliest ? due : earliest;
      break;
    case EVENT_READ:
    case EVENT_WRITE:
      fds[fd_count++] = (struct pollfd){
          .fd = (int)wanted[i].fd, .events = wanted[i].type == EVENT_READ ? POLLRDNORM : POLLWRNORM};
      break;
    default:
      error = EINVAL;
    }
    if (error) {
      // It has happened already, so nothing is waited for.
      events[*out] = event_for(&wanted[i]);
      events[(*out)++].error = (uint16_t)error;
    }
  }
  int ready = 0;
  int32_t error = *out > 0 ? 0 : wait(fds, fd_count, has_clock, earliest, &ready);
  for (uint32_t i = 0, fd = 0; !error && *out < count && i < count; i++) {
    if (wanted[i].type == EVENT_READ || wanted[i].type == EVENT_WRITE) {
      short got = fds[fd++].revents;
      if (ready > 0 && got) {
        event_t *event = &events[(*out)++];
        *event = event_for(&wanted[i]);
        event->error = got & POLLNVAL ? EBADF : got & POLLERR ? EIO : 0;
        event->flags = got & POLLHUP ? EVENT_HANGUP : 0;
        event->bytes = got & (POLLRDNORM | POLLWRNORM) ? 1 : 0;
      }
    } else if (wanted[i].type == EVENT_CLOCK && ready == 0) {
      uint64_t due;
      if (due_in(&wanted[i], &due) == 0 && (wanted[i].clock.flags & CLOCK_ABSOLUTE ? due == 0 : due <= earliest)) {
        events[(*out)++] = event_for(&wanted[i]);
      }
    }
  }
  free(fds);
  return error;
}
