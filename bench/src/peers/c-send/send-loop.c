/*
 * The ceiling: accepts connections, and writes ready-made WebSocket frames to each of them with send(), doing nothing
 * else. Told what to do by lines on its standard input, "perSecond seconds framesPerWrite firstNumber" (perSecond 0:
 * flat out); tells its port at first, and after each order how many frames it sent to everybody.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CLIENTS 65536
#define MAX_FRAME 4096
#define MAX_FRAMES 64

static int clients[MAX_CLIENTS];
static int client_count = 0;
static char frames[MAX_FRAME * MAX_FRAMES];

static long long micros(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int listen_anywhere(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 1024) != 0) {
    perror("send-loop: listen");
    exit(1);
  }
  getsockname(fd, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void accept_one(int listener) {
  int fd = accept(listener, NULL, NULL), on = 1;
  if (fd < 0 || client_count == MAX_CLIENTS) {
    perror("send-loop: accept");
    exit(1);
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  clients[client_count++] = fd;
}

/* One frame as Tidings sends it, its number and the time in it. Returns its length. */
static int make_frame(char *into, long long number) {
  char body[MAX_FRAME - 4];
  int length = snprintf(body, sizeof body,
      "{\"type\":\"user_notification\",\"id\":\"n0123456789abcdefghijklmno\",\"timestamp\":\"2026-01-31T09:30:00.000Z\","
      "\"notification_type\":\"success\",\"title\":\"Budget transfer approved\",\"message\":\"Transfer 4711 of 250,000.00 "
      "from 101-2200 to 101-3100 was approved by Amal and sent to Oracle\",\"data\":{\"n\":%lld,\"at\":%lld},\"rev\":%lld}",
      number, micros(), number);
  into[0] = (char)0x81;
  into[1] = 126;
  into[2] = (char)(length >> 8);
  into[3] = (char)(length & 0xff);
  memcpy(into + 4, body, length);
  return length + 4;
}

static void send_all(int fd, const char *bytes, int length) {
  while (length > 0) {
    ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes += sent;
    length -= sent;
  }
}

static void run(double per_second, double seconds, int frames_per_write, long long number) {
  long long begun = micros(), end = begun + (long long)(seconds * 1e6), sent = 0;
  for (int write = 0; per_second > 0 ? write < per_second * seconds : micros() < end; write++) {
    if (per_second > 0) {
      long long wait = begun + (long long)(write * 1e6 / per_second) - micros();
      if (wait > 0) usleep(wait);
    }
    int length = 0;
    for (int i = 0; i < frames_per_write; i++) length += make_frame(frames + length, number++);
    for (int i = 0; i < client_count; i++) send_all(clients[i], frames, length);
    sent += frames_per_write;
  }
  printf("%lld\n", sent);
  fflush(stdout);
}

int main(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  setvbuf(stdin, NULL, _IONBF, 0);
  struct pollfd waiting[2] = {{listen_anywhere(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  double per_second, seconds;
  long long first;
  int frames_per_write;
  while (poll(waiting, 2, -1) > 0) {
    if (waiting[0].revents) {
      accept_one(waiting[0].fd);
      continue;
    }
    if (scanf("%lf %lf %d %lld", &per_second, &seconds, &frames_per_write, &first) != 4) return 0;
    run(per_second, seconds, frames_per_write > MAX_FRAMES ? MAX_FRAMES : frames_per_write, first);
  }
  return 1;
}
