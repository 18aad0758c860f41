package store

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

// redisPool is a redis.Conn for the adapter, which holds one connection: each Do
// takes one from a pool, since a real one forbids concurrent use and stays broken
// after an error.
type redisPool struct{ pool *redis.Pool }

// maxActive bounds the connections to a redis; whoever needs one more waits.
const maxActive = 64

func newRedisPool(spec string) (*redisPool, error) {
	u, err := url.Parse(spec)
	switch {
	case err != nil:
		return nil, errors.New("not a URL; write redis://HOST:PORT[/DB]")
	case u.Host == "":
		return nil, errors.New("no server given; write redis://HOST:PORT[/DB]")
	}
	if db := strings.Trim(u.Path, "/"); db != "" {
		if _, err := strconv.ParseUint(db, 10, 16); err != nil {
			return nil, fmt.Errorf("database %q is not a number; write redis://HOST:PORT/DB", db)
		}
	}
	return &redisPool{&redis.Pool{
		MaxIdle: maxIdle, MaxActive: maxActive, Wait: true, IdleTimeout: 4 * time.Minute,
		Dial: func() (redis.Conn, error) {
			return redis.DialURL(spec, redis.DialConnectTimeout(5*time.Second),
				redis.DialReadTimeout(10*time.Second), redis.DialWriteTimeout(10*time.Second))
		},
	}}, nil
}

func (p *redisPool) Do(command string, args ...any) (any, error) {
	c := p.pool.Get()
	defer c.Close()
	return c.Do(command, args...)
}

func (p *redisPool) Close() error { return p.pool.Close() }
func (p *redisPool) Err() error   { return nil }

var errNoPipeline = errors.New("redis: this connection is a pool and has no pipeline")

func (p *redisPool) Send(string, ...any) error { return errNoPipeline }
func (p *redisPool) Flush() error              { return errNoPipeline }
func (p *redisPool) Receive() (any, error)     { return nil, errNoPipeline }

var _ redis.Conn = (*redisPool)(nil)
