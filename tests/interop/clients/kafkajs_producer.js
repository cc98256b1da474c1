// One of the producers that README.md describes: kafkajs.
const { Kafka, logLevel } = require('kafkajs')

async function main([bootstrap, topic, records, pauseMs, idempotent]) {
  const kafka = new Kafka({
    clientId: 'kafkajs',
    brokers: bootstrap.split(','),
    connectionTimeout: 1000,
    requestTimeout: 1000,
    enforceRequestTimeout: true,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 200, retries: Number.MAX_SAFE_INTEGER }
  })
  const producer = kafka.producer({ idempotent: idempotent === 'yes', allowAutoTopicCreation: false })
  await producer.connect()

  const send = async numbers => {
    const messages = numbers.map(number => ({ value: `r-${String(number).padStart(6, '0')}`, partition: 0 }))
    try {
      const [{ baseOffset }] = await producer.send({ topic, acks: -1, timeout: 1000, messages })
      numbers.forEach((number, i) => console.log('acked', number, Number(baseOffset) + i))
    } catch (error) {
      numbers.forEach(number => console.log('unknown', number, error.message))
    }
  }

  const batch = 5
  const sends = []
  for (let first = 1; first <= records; first += batch) {
    const numbers = Array.from({ length: Math.min(batch, records - first + 1) }, (_, i) => first + i)
    const sent = send(numbers)
    // kafkajs gives the sequence of a failed request to whichever send asks next, so its idempotence is for one send at a time.
    if (idempotent === 'yes') await sent
    else sends.push(sent)
    await new Promise(resolve => setTimeout(resolve, batch * pauseMs))
  }
  await Promise.all(sends)
  await producer.disconnect()
  console.log('done')
}

main(process.argv.slice(2)).catch(error => {
  console.error(error)
  process.exit(1)
})
