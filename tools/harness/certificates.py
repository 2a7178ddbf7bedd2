"""An authority of a test's own, with the certificates that it signs, made by openssl."""

import os
import ssl
import subprocess


class Authority:
    """Files in a directory: `ca.pem`, and `NAME.pem` and `NAME.key` for each that was made."""

    def __init__(self, directory, name="roost test authority"):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        self.certificate = self._path("ca.pem")
        self._openssl(
            "req", "-x509", *self._new_key("ca"), "-out", self.certificate, "-subj", f"/CN={name}",
            "-days", "2", "-addext", "basicConstraints=critical,CA:TRUE")

    def make(self, name, days=1, key="ec", names=0):
        """A certificate for 127.0.0.1 and its key; `days` below 0: one that has expired; `names`:
        how many others it is for too, of 100 bytes each."""
        request, extensions = self._path(f"{name}.csr"), self._path(f"{name}.ext")
        with open(extensions, "w", encoding="ascii") as file:
            others = [f",DNS:{number:096}.a" for number in range(names)]
            file.write("subjectAltName=IP:127.0.0.1,DNS:localhost" + "".join(others) + "\n")
        self._openssl(
            "req", *self._new_key(name, key), "-out", request, "-subj", f"/CN={name}")
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey",
            self._path("ca.key"), "-CAcreateserial", "-days", str(days), "-extfile", extensions,
            "-out", self._path(f"{name}.pem"))
        return self._path(f"{name}.pem"), self._path(f"{name}.key")

    def context(self, certificate=None):
        """For a client that trusts this authority, and shows a certificate and key, if any."""
        context = ssl.create_default_context(cafile=self.certificate)
        if certificate:
            context.load_cert_chain(*certificate)
        return context

    def _new_key(self, name, kind="ec"):
        kinds = {
            "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "rsa": ["-newkey", "rsa:2048"],
        }
        return [*kinds[kind], "-nodes", "-keyout", self._path(f"{name}.key")]

    def _path(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def _openssl(*words):
        subprocess.run(
            ["openssl", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
