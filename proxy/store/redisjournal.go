package store

import (
	"context"
	"strconv"
	"time"

	"github.com/gomodule/redigo/redis"
)

// redisJournal is a Redis list: the epoch, then the records. The epoch is part of
// the list, so that one cannot be evicted without the other.
type redisJournal struct{ *redisPool }

// journalKey is the list and the channel on which is said that it has grown.
const journalKey = "staleproof:invalidations"

// The scripts run as one step each, so that between two programs there is an order.
const (
	beginScript = `if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('RPUSH', KEYS[1], ARGV[1]) end
return redis.call('LINDEX', KEYS[1], 0)`
	appendScript = `if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[1] then return 0 end
local n = redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], n)
return n`
	afterScript = `if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[1] then return false end
return redis.call('LRANGE', KEYS[1], tonumber(ARGV[2]) + 1, -1)`
)

func (j redisJournal) Begin(epoch uint64) (uint64, error) {
	return redis.Uint64(j.Do("EVAL", beginScript, 1, journalKey, decimal(epoch)))
}

func (j redisJournal) Append(epoch uint64, record []byte) error {
	n, err := redis.Int(j.Do("EVAL", appendScript, 1, journalKey, decimal(epoch), record))
	if err == nil && n == 0 {
		return ErrEpoch
	}
	return err
}

func (j redisJournal) After(epoch uint64, n int) ([][]byte, error) {
	list, err := j.Do("EVAL", afterScript, 1, journalKey, decimal(epoch), n)
	if err == nil && list == nil {
		return nil, ErrEpoch
	}
	return redis.ByteSlices(list, err)
}

// How often a watched connection is tried, and how long one that is silent or gone
// is left alone.
const (
	pingEvery  = 2 * time.Second
	pongWithin = 10 * time.Second
	retryAfter = time.Second
)

// Watch subscribes, and subscribes again when the connection is lost. Each time,
// and each time the server answers a ping, the list may have grown unheard.
func (j redisJournal) Watch(ctx context.Context, changed func()) {
	for ctx.Err() == nil {
		j.listen(ctx, changed)
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

// listen returns when the connection is lost or ctx ends.
func (j redisJournal) listen(ctx context.Context, changed func()) {
	conn, err := j.pool.Dial()
	if err != nil {
		return
	}
	defer conn.Close()
	subscription := redis.PubSubConn{Conn: conn}
	if err := subscription.Subscribe(journalKey); err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { conn.Close() }) // ends a Receive that waits
	go func() {
		tick := time.NewTicker(pingEvery)
		defer tick.Stop()
		for ctx.Err() == nil && subscription.Ping("") == nil {
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	for {
		if _, failed := subscription.ReceiveWithTimeout(pongWithin).(error); failed {
			return
		}
		changed()
	}
}

func decimal(epoch uint64) string { return strconv.FormatUint(epoch, 10) }
