// The same load as `acklab perf` puts on our producer, put on librdkafka: for `acklab bench producer`, which runs the two in turn.
//
//   librdkafka_load BOOTSTRAP TOPIC RECORDS RATE PAYLOAD-FILE [KEY=VALUE ...]
//
// Values are the lines of the file, in turn. RATE is records a second, 0 as many as possible. Prints one JSON object.
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static long delivered, failed;
static float *latencies;  // milliseconds
static double *sent_at;
static atomic_int stop;

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque) {
  (void)kafka;
  (void)opaque;
  if (message->err) {
    ++failed;
    return;
  }
  if (sent_at) latencies[delivered] = (float)((now(CLOCK_MONOTONIC) - sent_at[(long)(size_t)message->_private]) * 1e3);
  ++delivered;
}

static void *serve(void *kafka) {
  while (!atomic_load(&stop)) rd_kafka_poll(kafka, 10);
  return NULL;
}

static int ascending(const void *a, const void *b) { return (*(const float *)a > *(const float *)b) - (*(const float *)a < *(const float *)b); }

int main(int argc, char **argv) {
  if (argc < 6) {
    fprintf(stderr, "usage: %s BOOTSTRAP TOPIC RECORDS RATE PAYLOAD-FILE [KEY=VALUE ...]\n", argv[0]);
    return 2;
  }
  const long records = atol(argv[3]);
  const double rate = atof(argv[4]);

  // The values.
  FILE *file = fopen(argv[5], "r");
  if (!file) {
    fprintf(stderr, "%s: %s\n", argv[5], strerror(errno));
    return 2;
  }
  char **values = NULL;
  size_t *sizes = NULL, count = 0, capacity = 0;
  char *line = NULL;
  size_t line_capacity = 0;
  for (ssize_t length; (length = getline(&line, &line_capacity, file)) >= 0;) {
    if (length > 0 && line[length - 1] == '\n') --length;
    if (count == capacity) {
      capacity = capacity ? 2 * capacity : 1024;
      values = realloc(values, capacity * sizeof *values);
      sizes = realloc(sizes, capacity * sizeof *sizes);
    }
    values[count] = strndup(line, (size_t)length);
    sizes[count++] = (size_t)length;
  }
  fclose(file);

  char error[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], error, sizeof error);
  for (int i = 6; i < argc; ++i) {
    char *value = strchr(argv[i], '=');
    if (!value) return 2;
    *value++ = 0;
    if (rd_kafka_conf_set(conf, argv[i], value, error, sizeof error) != RD_KAFKA_CONF_OK) {
      fprintf(stderr, "%s\n", error);
      return 2;
    }
  }
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t *kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (!kafka) {
    fprintf(stderr, "%s\n", error);
    return 2;
  }
  rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka, argv[2], NULL);
  const struct rd_kafka_metadata *metadata = NULL;
  rd_kafka_metadata(kafka, 0, topic, &metadata, 10000);  // connected before the clock starts
  if (metadata) rd_kafka_metadata_destroy(metadata);

  // Latencies are taken only at a rate: at full speed they are the time in the queue.
  if (rate > 0) {
    latencies = malloc((size_t)records * sizeof *latencies);
    sent_at = malloc((size_t)records * sizeof *sent_at);
  }
  pthread_t server;
  pthread_create(&server, NULL, serve, kafka);

  const double cpu = now(CLOCK_PROCESS_CPUTIME_ID), began = now(CLOCK_MONOTONIC);
  for (long i = 0; i < records; ++i) {
    if (rate > 0) {
      const double due = began + (double)i / rate, time = now(CLOCK_MONOTONIC);
      if (due > time) {
        const double wait = due - time > 0.001 ? due - time : 0.001;
        nanosleep(&(struct timespec){.tv_sec = (time_t)wait, .tv_nsec = (long)((wait - (double)(long)wait) * 1e9)}, NULL);
      }
      sent_at[i] = now(CLOCK_MONOTONIC);
    }
    const size_t at = (size_t)i % count;
    while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, values[at], sizes[at], NULL, 0, (void *)(size_t)i) == -1) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) return 1;
      nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
  }
  atomic_store(&stop, 1);
  pthread_join(server, NULL);  // from here on the deliveries are counted by flush(), and by one thread only
  rd_kafka_flush(kafka, 120000);
  const double seconds = now(CLOCK_MONOTONIC) - began, used = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;

  printf("{\"records\":%ld,\"failed\":%ld,\"seconds\":%.6f,\"throughput_records_s\":%.1f,\"cpu_us_per_record\":%.5f", delivered, failed,
         seconds, (double)delivered / seconds, used * 1e6 / (double)(delivered ? delivered : 1));
  if (rate > 0 && delivered > 0) {
    qsort(latencies, (size_t)delivered, sizeof *latencies, ascending);
    printf(",\"latency_ms\":{\"p50\":%.4f,\"p99\":%.4f}", latencies[delivered / 2], latencies[delivered * 99 / 100]);
  }
  printf("}\n");
  return failed != 0;
}
