echo before
cat >/etc/motd <<EOF
hello
EOF
