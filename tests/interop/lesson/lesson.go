// What the lesson's programs share: where they send to, sending, and reading back what is in the log.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/Shopify/sarama"
	"github.com/rcrowley/go-metrics"
)

// arguments returns the brokers and the topic that the program was started with.
func arguments() (brokers []string, topic string) {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatalf("usage: %s HOST:PORT[,HOST:PORT...] TOPIC", os.Args[0])
	}
	return strings.Split(os.Args[1], ","), os.Args[2]
}

// must ends the program when a call did not do what the lesson relies on.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// text is a record that compresses well, as log lines do.
func text(topic string, number int) *sarama.ProducerMessage {
	line := fmt.Sprintf("order %06d: one coffee, one cake, paid by card; ", number)
	return &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(strings.Repeat(line, 4))}
}

// sendSync sends `count` records, each when the one before is answered, and returns the offset that the last answer told.
func sendSync(brokers []string, topic string, config *sarama.Config, count int) (last int64) {
	producer, err := sarama.NewSyncProducer(brokers, config)
	must(err)
	for number := 1; number <= count; number++ {
		_, offset, err := producer.SendMessage(text(topic, number))
		must(err)
		last = offset
	}
	must(producer.Close())
	fmt.Printf("sync: %d sent, %d acknowledged\n", count, count)
	return last
}

// sendAsync sends `count` records without waiting, and counts what became of them. It needs Return.Successes.
func sendAsync(brokers []string, topic string, config *sarama.Config, count int) {
	producer, err := sarama.NewAsyncProducer(brokers, config)
	must(err)
	go func() {
		for number := 1; number <= count; number++ {
			producer.Input() <- text(topic, number)
		}
	}()
	acknowledged, failed := 0, 0
	for acknowledged+failed < count {
		select {
		case <-producer.Successes():
			acknowledged++
		case err := <-producer.Errors():
			failed++
			log.Print(err)
		}
	}
	must(producer.Close())
	fmt.Printf("async: %d sent, %d acknowledged, %d failed\n", count, acknowledged, failed)
}

// requests returns how many Produce requests a configuration's producers have sent, and forgets them.
func requests(config *sarama.Config) int64 {
	counted, ok := config.MetricRegistry.Get("records-per-request").(metrics.Histogram)
	if !ok {
		return 0
	}
	defer counted.Clear()
	return counted.Count()
}

// readBack reads partition 0 from its start until it has seen `count` records, prints how many there are, and returns them.
func readBack(brokers []string, topic string, version sarama.KafkaVersion, count int) (values []string) {
	config := sarama.NewConfig()
	config.Version = version
	client, err := sarama.NewClient(brokers, config)
	must(err)
	consumer, err := sarama.NewConsumerFromClient(client)
	must(err)
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	must(err)
	for len(values) < count {
		select {
		case record := <-partition.Messages():
			values = append(values, string(record.Value))
		case <-time.After(30 * time.Second):
			log.Fatalf("only %d of %d records can be read", len(values), count)
		}
	}
	end, err := client.GetOffset(topic, 0, sarama.OffsetNewest)
	must(err)
	fmt.Printf("log: %d records\n", end)
	must(partition.Close())
	must(consumer.Close())
	must(client.Close())
	return values
}
