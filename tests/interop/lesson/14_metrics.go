// Metrics of one's own: the block's type, with its method finished.
package main

import (
	"fmt"
	"log"
	"sync/atomic"
	"time"

	"github.com/Shopify/sarama"
)

type ProducerMetrics struct {
	MessagesSent int64
	BytesSent    int64
	SendLatency  time.Duration // of all records together
	RetryCount   int64
	ErrorCount   int64
}

func (p *ProducerMetrics) RecordSend(latency time.Duration, bytes int) {
	atomic.AddInt64(&p.MessagesSent, 1)
	atomic.AddInt64(&p.BytesSent, int64(bytes))
	// A Duration is an int64, but atomic.AddInt64 wants to be told.
	atomic.AddInt64((*int64)(&p.SendLatency), int64(latency))
}

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	producer, err := sarama.NewSyncProducer(brokers, config)
	must(err)

	var sent ProducerMetrics
	for number := 1; number <= 100; number++ {
		message := text(topic, number)
		began := time.Now()
		if _, _, err := producer.SendMessage(message); err != nil {
			atomic.AddInt64(&sent.ErrorCount, 1)
			continue
		}
		sent.RecordSend(time.Since(began), message.Value.Length())
	}
	must(producer.Close())

	bytes := 0
	for _, value := range readBack(brokers, topic, config.Version, 100) {
		bytes += len(value)
	}
	if sent.SendLatency <= 0 || sent.BytesSent != int64(bytes) {
		log.Fatalf("%+v, but %d bytes are in the log", sent, bytes)
	}
	// sarama retries by itself and does not say so: RetryCount can only count what the application sends again.
	fmt.Printf("counted %d records with as many bytes as the log has, %d errors, %d retries\n", sent.MessagesSent, sent.ErrorCount,
		sent.RetryCount)
}
