// The block as printed, sync and async. It does not compile.
package main

import (
	"log"

	"github.com/Shopify/sarama"
)

func sync(producer sarama.SyncProducer, message *sarama.ProducerMessage) {
	partition, offset, err := producer.SendMessage(message)
	if err != nil {
		if retriableError(err) {
			retryMessage(message)
		} else {
			log.Printf("Non-retriable error: %v", err)
		}
	}
}

func async(producer sarama.AsyncProducer) {
	go func() {
		for err := range producer.Errors() {
			if retriableError(err.Err) {
				retryMessage(err.Msg)
			} else {
				log.Printf("Non-retriable error: %v", err.Err)
			}
		}
	}()
}

func main() {}
