[ -e /etc/motd ] || changed "wrote it"
