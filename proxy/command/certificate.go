package command

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"

	"staleproof/proxy/distribution"
)

// tlsConfig has the certificate of the files, or without files one made for this
// run, which no browser trusts unasked.
func tlsConfig(certFile, keyFile string, ds []*distribution.Distribution) (*tls.Config, error) {
	var cert tls.Certificate
	var err error
	switch {
	case certFile != "" && keyFile != "":
		if cert, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
			return nil, Usagef("--cert and --key want PEM files that belong together", "load the certificate: %w", err)
		}
	case certFile != "" || keyFile != "":
		return nil, Usagef("name both, or neither", "--cert and --key go together")
	default:
		if cert, err = selfSigned(ds); err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// certificateLife is how long a certificate made for one run is good for.
const certificateLife = 30 * 24 * time.Hour

// selfSigned makes a certificate for localhost and all names of ds.
func selfSigned(ds []*distribution.Distribution) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	names := []string{"localhost"}
	for _, d := range ds {
		names = append(append(names, d.Domain), d.Aliases...)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "staleproof"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
