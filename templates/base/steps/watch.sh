# docker's drop-in starts the watcher with docker. Where docker was there first, it is started here.
if [ -e /etc/systemd/system/vastimg-containers.service ] && systemctl is-active --quiet docker.service &&
    ! systemctl is-active --quiet vastimg-containers.service; then
    systemctl daemon-reload
    start_units vastimg-containers.service
fi
