package bucket

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
)

// ids are what S3 names an answer by. They are for people to quote; nothing depends
// on them.
type ids struct{ request, host string }

func newIDs() ids {
	const letters = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
	var request [16]byte
	for i := range request {
		request[i] = letters[rand.N(len(letters))]
	}
	var host [56]byte
	for i := 0; i < len(host); i += 8 {
		binary.LittleEndian.PutUint64(host[i:], rand.Uint64())
	}
	return ids{string(request[:]), base64.StdEncoding.EncodeToString(host[:])}
}
