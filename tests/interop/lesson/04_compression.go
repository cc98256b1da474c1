// Compression: the block as printed is Snappy's; the other codecs of its comment as well.
package main

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/Shopify/sarama"
	"github.com/rcrowley/go-metrics"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Compression = sarama.CompressionLZ4
	fmt.Printf("LZ4 with sarama's own version: %v\n", config.Validate())

	codecs := []struct {
		codec sarama.CompressionCodec
		since sarama.KafkaVersion // the oldest broker that understands it
	}{
		{sarama.CompressionNone, sarama.MinVersion},
		{sarama.CompressionGZIP, sarama.MinVersion},
		{sarama.CompressionSnappy, sarama.MinVersion},
		{sarama.CompressionLZ4, sarama.V0_10_0_0},
	}
	for index, each := range codecs {
		config := sarama.NewConfig()
		config.Version = each.since
		config.Producer.Return.Successes = true
		config.Producer.Flush.Messages = 100
		config.Producer.Flush.Frequency = 100 * time.Millisecond
		config.Producer.Compression = each.codec

		sendAsync(brokers, topic, config, 1000)
		// In hundredths: the size before by the size after.
		ratio := config.MetricRegistry.Get("compression-ratio").(metrics.Histogram)
		smaller := strings.Repeat("compressed, ", int(min(ratio.Mean()/200, 1)))
		fmt.Printf("%v: %s", each.codec, smaller)
		values := readBack(brokers, topic, sarama.V2_1_0_0, 1000*(index+1))
		for number, value := range values[1000*index:] {
			sent, _ := text(topic, number+1).Value.Encode()
			if value != string(sent) {
				log.Fatalf("record %d came back as %q", number, value)
			}
		}
	}

	// This sarama compresses with ZSTD, but sends it in version 3 of Produce; brokers take it from version 7 on (KIP-110).
	config = sarama.NewConfig()
	config.Version = sarama.V2_1_0_0
	config.Producer.Return.Successes = true
	config.Producer.Compression = sarama.CompressionZSTD
	producer, err := sarama.NewSyncProducer(brokers, config)
	must(err)
	_, _, err = producer.SendMessage(text(topic, 1))
	fmt.Printf("zstd: %v\n", err)
	must(producer.Close())
}

func min(a, b float64) float64 {
	if a < b {
		return a
	}
	return b
}
